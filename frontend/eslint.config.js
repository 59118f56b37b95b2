import js from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

// app → features → api, realtime, ui → lib: each folder names what lies above it or beside it and is out of reach.
const FEATURES = ["canvas", "jobs", "sharing"];
const OUT_OF_REACH = {
  lib: ["app", ...FEATURES, "api", "realtime", "ui"],
  ui: ["app", ...FEATURES, "api", "realtime"],
  api: ["app", ...FEATURES, "realtime", "ui"],
  realtime: ["app", ...FEATURES, "ui"],
  canvas: ["app"],
  jobs: ["app"],
  sharing: ["app"],
  app: [],
};

const EDITOR_ONLY = {
  regex: "^@excalidraw/",
  message: "Only canvas/editor may import the editor component.",
};
const NO_CLIMBING = {
  regex: "^\\.\\./",
  message: "Import across folders with the @/ prefix.",
};

function layerRules() {
  return Object.entries(OUT_OF_REACH).map(([folder, forbidden]) => {
    const patterns = [EDITOR_ONLY, NO_CLIMBING];
    if (forbidden.length > 0) {
      patterns.push({
        regex: `^@/(${forbidden.join("|")})(/|$)`,
        message: "Imports go app → features → api, realtime, ui → lib.",
      });
    }
    const others = FEATURES.filter((feature) => feature !== folder);
    patterns.push({
      regex: `^@/(${others.join("|")})/.+`,
      message: "Use another feature only through its index.ts.",
    });
    return {
      files: [`src/${folder}/**/*.{ts,tsx}`],
      ignores: ["src/canvas/editor/**"],
      rules: { "no-restricted-imports": ["error", { patterns }] },
    };
  });
}

export default tseslint.config(
  { ignores: ["dist", "node_modules"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      globals: globals.browser,
      parserOptions: {
        projectService: { allowDefaultProject: ["eslint.config.js"] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { "react-hooks": reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      "no-console": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
    },
  },
  ...layerRules(),
  {
    files: ["src/canvas/editor/**/*.{ts,tsx}"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            NO_CLIMBING,
            { regex: "^@/(app|jobs|sharing)(/|$)", message: "The editor adapter stands below the features." },
          ],
        },
      ],
    },
  },
  { files: ["**/*.js"], extends: [tseslint.configs.disableTypeChecked] },
);
