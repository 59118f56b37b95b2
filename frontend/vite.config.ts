import { resolve } from "node:path";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

import { preloadFont } from "./build/preloadFont.ts";
import { selfHostEditor } from "./build/selfHostEditor.ts";

const BASE = "/static/";
const BACKEND = "http://localhost:8000";

export default defineConfig({
  base: BASE,
  plugins: [react(), selfHostEditor(BASE), preloadFont(BASE, "figtree-latin-wght-normal")],
  resolve: { alias: { "@": resolve(import.meta.dirname, "src") } },
  build: {
    // The Content-Security-Policy allows fonts and scripts from our origin only, so nothing becomes a data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2500,
  },
  server: {
    proxy: {
      "/api": BACKEND,
      "/ws": { target: BACKEND, ws: true },
    },
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/test/setup.ts"],
    restoreMocks: true,
    sequence: { shuffle: true },
  },
});
