// Mocha's spec reporter, with the closing line that CI reads.
const { Runner, reporters } = require("mocha");

class Reporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures } = this.stats;
      process.once("exit", () => console.log(`${passes} passed, ${failures} failed`));
    });
  }
}

module.exports = Reporter;
