import { Presets, SingleBar } from "cli-progress";
import type { IngestProgress } from "@/server/services/intake";

const PLAIN_LINE_EVERY_MS = 5_000;

export interface ProgressDisplay {
  update(progress: IngestProgress): void;
  end(): void;
}

/**
 * Shows the progress of an intake on stderr: a bar on a terminal if the size is known, otherwise a line every 5
 * seconds.
 * @param size the size of the source in bytes
 */
export function showProgress(size: number | undefined): ProgressDisplay {
  return process.stderr.isTTY && size ? bar(size) : plainLines();
}

function bar(size: number): ProgressDisplay {
  const rate = rateSince(Date.now());
  const shown = new SingleBar(
    {
      format: "{bar} {percentage}%  {rows} rows  {rate} rows/s  {read} of {size}  {eta_formatted} left",
      stream: process.stderr,
      hideCursor: true,
      etaBuffer: 100,
    },
    Presets.shades_classic,
  );
  shown.start(size, 0, { rows: "0", rate: "0", read: "0 B", size: bytesText(size) });
  return {
    update: ({ bytes, records }) =>
      shown.update(bytes, { rows: count(records), rate: count(rate(records)), read: bytesText(bytes) }),
    end: () => shown.stop(),
  };
}

function plainLines(): ProgressDisplay {
  const rate = rateSince(Date.now());
  let next = Date.now() + PLAIN_LINE_EVERY_MS;
  return {
    update: ({ bytes, records }) => {
      if (Date.now() < next) return;
      next = Date.now() + PLAIN_LINE_EVERY_MS;
      process.stderr.write(`${count(records)} rows, ${count(rate(records))} rows/s, ${bytesText(bytes)} read\n`);
    },
    end: () => {},
  };
}

function rateSince(start: number): (records: number) => number {
  return (records) => Math.round((records * 1000) / Math.max(1, Date.now() - start));
}

const count = (value: number) => value.toLocaleString("en");

function bytesText(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
