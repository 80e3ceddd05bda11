const js = require("@eslint/js");
const globals = require("globals");

module.exports = [
  js.configs.recommended,
  {
    languageOptions: {
      ecmaVersion: 2024,
      sourceType: "module",
      globals: {odoo: "readonly", luxon: "readonly", ...globals.browser},
    },
    rules: {
      complexity: ["error", 10],
      eqeqeq: "error",
      "no-alert": "error",
      "no-else-return": "error",
      "no-eval": "error",
      "no-shadow": "error",
      "no-unused-vars": "error",
      "no-use-before-define": "error",
      "prefer-const": "error",
    },
  },
];
