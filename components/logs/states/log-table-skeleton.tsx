import { Skeleton } from "@mantine/core";
import classes from "./log-table-skeleton.module.css";

const ROWS = Array.from({ length: 16 }, (_, index) => index);
/** Widths in percent, similar to a time, a user, an IP address, a path, and short values. */
const CELLS = { time: 14, user: 12, address: 11, path: 30, method: 6, status: 5, duration: 8 };

/** Skeleton of the table. */
export function LogTableSkeleton() {
  return (
    <div className={classes.rows} aria-hidden>
      {ROWS.map((row) => (
        <div key={row} className={classes.row}>
          {Object.entries(CELLS).map(([cell, width]) => (
            <Skeleton key={cell} h={11} w={`${width - ((row * width) % 4)}%`} />
          ))}
        </div>
      ))}
    </div>
  );
}
