import type { Plugin } from "vite";

/** Fetches a font with the page instead of after its styles, so that words do not move when it arrives. */
export function preloadFont(base: string, name: string): Plugin {
  return {
    name: "preload-font",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_html, { bundle }) {
        const file = Object.keys(bundle ?? {}).find((path) => path.includes(`/${name}-`));
        if (!file)
          throw new Error(`There is no font ${name} in the build: look at the package that brings it.`);
        return [
          {
            tag: "link",
            injectTo: "head",
            attrs: { rel: "preload", as: "font", type: "font/woff2", crossorigin: "", href: base + file },
          },
        ];
      },
    },
  };
}
