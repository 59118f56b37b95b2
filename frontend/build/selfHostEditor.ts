import { createReadStream } from "node:fs";
import { cp } from "node:fs/promises";
import { join, resolve } from "node:path";

import type { Plugin } from "vite";

const PACKAGE_DIST = resolve(import.meta.dirname, "../node_modules/@excalidraw/excalidraw/dist");

// The editor tries this host for a font that its own server does not have. Nothing may leave the origin, so
// the address is replaced by one that only ever means "our own fonts again".
const CDN_LITERAL = /`https:\/\/esm\.sh\/\$\{[\s\S]{0,300}?\}\/dist\/prod\/`/g;

/**
 * Serves the editor's fonts from our own origin and removes its address of a foreign font host.
 *
 * A build in which that address was not found fails: a new release of the editor must be looked at by a person.
 */
export function selfHostEditor(base: string): Plugin {
  let removed = 0;
  let outDir = "dist";
  let isBuild = false;
  return {
    name: "self-host-editor",
    enforce: "pre",
    configResolved(config) {
      outDir = resolve(config.root, config.build.outDir);
      isBuild = config.command === "build";
    },
    transform(code, id) {
      if (!id.includes("@excalidraw/excalidraw/dist/") || !code.includes("esm.sh")) return null;
      const replaced = code.replace(CDN_LITERAL, () => {
        removed += 1;
        return `(globalThis.location.origin + ${JSON.stringify(base)})`;
      });
      if (replaced.includes("esm.sh")) {
        this.error("The editor names a foreign font host in a form that selfHostEditor.ts does not know.");
      }
      return { code: replaced, map: null };
    },
    configureServer(server) {
      server.middlewares.use(`${base}fonts`, (request, response, next) => {
        const path = decodeURIComponent((request.url ?? "").split("?")[0] ?? "");
        if (!/^\/[\w-]+\/[\w.-]+\.woff2$/.test(path)) {
          next();
          return;
        }
        response.setHeader("Content-Type", "font/woff2");
        createReadStream(join(PACKAGE_DIST, "prod/fonts", path))
          .on("error", next)
          .pipe(response);
      });
    },
    buildEnd(error) {
      if (isBuild && !error && removed === 0) {
        this.error(
          "The editor's foreign font host was not found, so it could not be removed. Look at its new release.",
        );
      }
    },
    async closeBundle() {
      if (isBuild) await cp(join(PACKAGE_DIST, "prod/fonts"), join(outDir, "fonts"), { recursive: true });
    },
  };
}
