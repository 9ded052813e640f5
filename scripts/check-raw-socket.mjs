// Runs at the end of `npm ci` and `npm install`: raw-socket is compiled then, and npm leaves it out without a word where
// that fails, since it is an optional dependency. Says in one sentence what is missing and which command brings it.
// Without raw-socket the exporter could only make connections (raw_sockets: never), which `--omit=optional` asks for.
import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";

/** What node-gyp needs, each with the names that it looks for. */
const NEEDED = [
  { what: "a C++ compiler", commands: [process.env.CXX ?? "", "g++", "c++"] },
  { what: "make", commands: ["make"] },
  { what: "Python 3", commands: [process.env.NODE_GYP_FORCE_PYTHON ?? "", "python3", "python"] },
];

/** The command that brings all of it, by the package manager that is there. */
const INSTALL = [
  ["apt-get", "apt-get install build-essential python3"],
  ["dnf", "dnf install gcc-c++ make python3"],
  ["apk", "apk add build-base python3"],
  ["pacman", "pacman -S base-devel python"],
  ["zypper", "zypper install gcc-c++ make python3"],
];

function isThere(command) {
  if (command === "") return false;
  const folders = (process.env.PATH ?? "").split(delimiter);
  return (command.includes("/") ? [command] : folders.map((folder) => join(folder, command))).some(
    (path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    },
  );
}

function problem() {
  if ((process.env.npm_config_omit ?? "").split(/\s+/).includes("optional")) return undefined;
  try {
    createRequire(import.meta.url)("raw-socket");
    return undefined;
  } catch {
    // Why not, is said below.
  }
  const missing = NEEDED.filter(({ commands }) => !commands.some(isThere)).map(({ what }) => what);
  if (missing.length === 0) {
    return 'raw-socket could not be compiled although a C++ compiler, make and Python 3 are there: "npm ci --foreground-scripts" shows why.';
  }
  const listed = new Intl.ListFormat("en-GB").format(missing);
  const [, command] = INSTALL.find(([manager]) => isThere(manager)) ?? INSTALL[0];
  return `raw-socket could not be compiled because this machine lacks ${listed}: run "${command}", then "npm ci" again.`;
}

const sentence = problem();
if (sentence !== undefined) {
  console.error(sentence);
  process.exitCode = 1;
}
