require("../local/bin/isolated.js");

// Tests rehearse stacks of their own, in a folder and on ports of their own, beside whatever else is up.
process.env.NPLUSONE_STACKS = "test/stacks";
process.env.NPLUSONE_DIR = ".local/test";
process.env.NPLUSONE_PORT = "0";
