/**
 * Rules for what the type checker does not see; names that do not exist are tsc's to find, layout is a formatter's.
 * @type {import("eslint").Linter.Config[]}
 */
export default [
  // Built files, and what is no source of ours.
  { ignores: ["dist/", "pkg/*/", "target/", "test-results/", ".tools/", "fuzz/", "tests/hosts/"] },
  {
    files: ["**/*.{js,mjs}"],
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      // Mistakes.
      "eqeqeq": "error",
      "no-constant-binary-expression": "error",
      "no-eval": "error",
      "no-fallthrough": "error",
      "no-implied-eval": "error",
      "no-template-curly-in-string": "error",
      "no-throw-literal": "error",
      "no-unreachable-loop": "error",
      "no-unused-expressions": ["error", { allowShortCircuit: true, allowTernary: true }],
      // Leftovers.
      "no-unused-vars": ["error", { ignoreRestSiblings: true }],
      "no-useless-assignment": "error",
      "no-useless-return": "error",
      // One way to say a thing.
      "no-else-return": "error",
      "no-var": "error",
      "object-shorthand": ["error", "properties"],
      "prefer-const": "error",
    },
  },
];
