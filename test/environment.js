// Tests rehearse in a folder and on ports of their own, beside whatever else is up.
process.env.NPLUSONE_DIR = ".local/test";
process.env.NPLUSONE_PORT = "0";
