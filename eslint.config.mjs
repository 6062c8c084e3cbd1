import tseslint from "typescript-eslint";

/** Forbids imports from rooms; `local` and `test` are nobody's to import but their own. */
const rooms = (files, forbidden, message) => ({
  files,
  rules: {
    "no-restricted-imports": [
      "error",
      { patterns: [{ regex: `(^|/)\\.\\.?/(.*/)?(${forbidden.join("|")})(/|$)`, message }] },
    ],
  },
});

export default tseslint.config(
  { ignores: ["node_modules", ".local", "**/*.js", "**/*.mjs"] },
  ...tseslint.configs.strict,
  ...tseslint.configs.stylistic,
  {
    rules: {
      "no-console": "off",
      "@typescript-eslint/no-extraneous-class": "off",
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
      "@typescript-eslint/no-invalid-void-type": "off",
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
      "no-restricted-syntax": ["error", { selector: "ExportDefaultDeclaration", message: "Name what is exported." }],
      "no-warning-comments": "error",
    },
  },
  rooms(
    ["index.ts", "config.ts", "config/**"],
    ["policy", "local", "test", "bench"],
    "The program knows components and nothing above them.",
  ),
  rooms(
    ["components/**"],
    ["index", "config", "policy", "local", "test", "bench"],
    "Components know lambdas and each other.",
  ),
  rooms(
    ["lambdas/**"],
    ["index", "config", "components", "policy", "local", "test", "bench"],
    "Handlers know only handlers.",
  ),
  rooms(
    ["policy/**"],
    ["index", "config", "components", "lambdas", "local", "test", "bench"],
    "The pack knows AWS, not this program.",
  ),
  rooms(
    ["local/**"],
    ["components", "lambdas", "policy", "test", "bench"],
    "The rehearsal knows the program and nothing inside it.",
  ),
);
