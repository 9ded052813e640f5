import { type BigIntStats, type FSWatcher, readdirSync, statSync, watch } from "node:fs";
import { dirname, join } from "node:path";
import { matchesGlob } from "../config/glob.ts";

/** A watch that runs until it is closed. */
export interface TargetWatch {
  /** Ends the watch; `onChange` is not called any more. */
  close(): void;
}

/** How quickly a change is noticed, in milliseconds. */
export interface WatchTimes {
  /** Events closer together than this count as one, so that a file written in pieces is read once. */
  readonly debounceMs: number;
  /** The files are looked at this often even without an event: some file systems (NFS, FUSE) have none. */
  readonly rescanMs: number;
}

const DEFAULT_TIMES: WatchTimes = { debounceMs: 250, rescanMs: 30_000 };

/**
 * Watches the files that globs mean, by their directories, since a file that is renamed over another one would be lost to a
 * watch on the file itself. A directory need not exist yet. Keeps no process alive. Begin the watch before reading the files,
 * so that no change falls between the two.
 * @param globs absolute, `*` in the last segment only
 * @param onChange called after a file came, went or was written; not for what was there at the start
 */
export function watchTargetFiles(
  globs: readonly string[],
  onChange: () => void,
  times: WatchTimes = DEFAULT_TIMES,
): TargetWatch {
  const directories = [...new Set(globs.map(dirname))];
  const watchers = new Map<string, { readonly inode: bigint; readonly watcher: FSWatcher }>();
  let pending: NodeJS.Timeout | undefined;
  let seen = signatureOf(globs);

  const unwatch = (directory: string): void => {
    watchers.get(directory)?.watcher.close();
    watchers.delete(directory);
  };
  const look = (): void => {
    for (const directory of directories) rewatch(directory);
    const signature = signatureOf(globs);
    if (signature === seen) return;
    seen = signature;
    onChange();
  };
  const soon = (): void => {
    clearTimeout(pending);
    pending = setTimeout(look, times.debounceMs).unref();
  };
  /** A directory that was removed and made anew has another inode, and the old watch sees nothing of it. */
  const rewatch = (directory: string): void => {
    const inode = statOf(directory)?.ino;
    if (watchers.get(directory)?.inode === inode) return;
    unwatch(directory);
    if (inode === undefined) return;
    try {
      const watcher = watch(directory, { persistent: false }, soon);
      watcher.on("error", () => unwatch(directory));
      watchers.set(directory, { inode, watcher });
    } catch {
      // No watch to be had (inotify's limits): the rescan still sees the changes.
    }
  };

  for (const directory of directories) rewatch(directory);
  const rescan = setInterval(look, times.rescanMs).unref();
  return {
    close() {
      clearInterval(rescan);
      clearTimeout(pending);
      for (const directory of directories) unwatch(directory);
    },
  };
}

/** What is known of a file; nothing where it is gone or out of reach. */
function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

/** Names, sizes and times of the files: equal as long as nothing has changed. */
function signatureOf(globs: readonly string[]): string {
  const lines: string[] = [];
  for (const glob of globs) {
    const directory = dirname(glob);
    let names: string[] = [];
    try {
      names = readdirSync(directory).sort();
    } catch {
      // Not there, or not readable: no files, as for the reader.
    }
    for (const name of names) {
      if (!matchesGlob(glob, name)) continue;
      const stat = statOf(join(directory, name));
      if (stat !== undefined)
        lines.push(`${name}\0${stat.ino}\0${stat.size}\0${stat.ctimeNs}\0${stat.mtimeNs}`);
    }
  }
  return lines.join("\n");
}
