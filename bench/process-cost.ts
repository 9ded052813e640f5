import { readFileSync } from "node:fs";
import { pause } from "../test/lab/processes.ts";

/** Processor time that a process has used, user and system, all threads, in seconds (proc(5): fields 14 and 15, ticks of 10 ms). */
export function cpuSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Percent of a core that a process uses, in each of so many rounds of so many seconds, one after the other. */
export async function corePercents(
  pid: number,
  rounds: number,
  seconds: number,
): Promise<number[]> {
  const percents: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const [cpu, from] = [cpuSeconds(pid), performance.now()];
    await pause(seconds * 1000);
    percents.push((100_000 * (cpuSeconds(pid) - cpu)) / (performance.now() - from));
  }
  return percents;
}

/** Proportional set size of a process, in megabytes of 1024 KiB: pages shared with others count in parts. */
export function pssMegabytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1]) / 1024;
}

/** How long somebody on this machine waited for a processor since it started, in seconds (/proc/pressure/cpu); 0 where it is not told. */
export function pressureSeconds(): number {
  try {
    const text = readFileSync("/proc/pressure/cpu", "utf8");
    return Number(/^some .*total=(\d+)/m.exec(text)?.[1]) / 1e6;
  } catch {
    return 0;
  }
}
