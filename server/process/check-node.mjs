import { readFileSync } from "node:fs";

/**
 * Exits with a one-line error if Node.js is older than package.json requires. Otherwise, newer syntax and modules would
 * cause an unrelated error. This file, and the static imports of run.mjs, must be compatible with Node.js 14.
 */
const { engines } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
const [major, minor] = /(\d+)\.(\d+)/.exec(engines.node).slice(1).map(Number);
const [ownMajor, ownMinor] = process.versions.node.split(".").map(Number);
if (ownMajor < major || (ownMajor === major && ownMinor < minor)) {
  process.stderr.write(
    `Node.js ${process.versions.node} is too old: version ${major}.${minor} or newer is needed. Install it from https://nodejs.org, or with a version manager.\n`,
  );
  process.exit(1);
}
