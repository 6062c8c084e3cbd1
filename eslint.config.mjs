import { readdirSync } from "node:fs";
import tseslint from "typescript-eslint";

/** The systems: each has a folder under components, and one or a file of its name in the other rooms. */
const SYSTEMS = readdirSync(new URL("components", import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== "common")
  .map((entry) => entry.name);

/** What is forbidden to import, as a pattern of relative paths. */
const forbid = (folders, message) => ({ regex: `(^|/)\\.\\.?/(.*/)?(${folders.join("|")})(/|$)`, message });

/**
 * Forbids a room to import others, and in it one system's folder to import another's. ESLint knows one list of patterns
 * a file, so both stand in each entry.
 */
const room = (name, forbidden, message) => {
  const restrict = (files, patterns) => ({ files, rules: { "no-restricted-imports": ["error", { patterns }] } });
  const rooms = forbid(forbidden, message);
  return [
    restrict([`${name}.ts`, `${name}/**`], [rooms]),
    ...SYSTEMS.map((system) => {
      const others = SYSTEMS.filter((other) => other !== system);
      return restrict(
        [`${name}/**/${system}/**`, `${name}/**/${system}.ts`],
        [rooms, forbid(others, "No system imports another: what both need is in common.")],
      );
    }),
  ];
};

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
  room(
    "index",
    ["lambdas", "policy", "local", "test", "bench", "model"],
    "The program knows configuration and components.",
  ),
  room(
    "config",
    ["index", "policy", "local", "test", "bench", "model"],
    "Configuration knows components and nothing above them.",
  ),
  room(
    "components",
    ["index", "config", "policy", "local", "test", "bench", "model"],
    "Components know lambdas and each other.",
  ),
  room(
    "lambdas",
    ["index", "config", "components", "policy", "local", "test", "bench", "model"],
    "Handlers know only handlers.",
  ),
  room(
    "model",
    ["index", "config", "components", "lambdas", "policy", "local", "test", "bench"],
    "What AWS does by itself depends on nothing.",
  ),
  room(
    "policy",
    ["index", "config", "components", "lambdas", "local", "test", "bench"],
    "The pack knows AWS, not this program.",
  ),
  room(
    "local",
    ["components", "lambdas", "policy", "test", "bench"],
    "The rehearsal knows the program and nothing inside it.",
  ),
);
