import { z } from "zod";
import { type LogTable, logTableList } from "@/server/catalog";
import { inputIssue } from "@/server/lib/parse";

/**
 * Parses the path parameter `table` into the table's name in the catalog.
 * @param spellings returns the accepted spellings of a table
 */
export function logTableParam(spellings: (table: LogTable) => readonly string[]) {
  return z.object({
    table: z
      .string()
      .meta({ enum: [...new Set(logTableList.flatMap(spellings))] })
      .transform((text, refine) => {
        const table = logTableList.find((candidate) => spellings(candidate).includes(text));
        if (table) return table.name;
        refine.addIssue(inputIssue("input.log_table", {}));
        return z.NEVER;
      }),
  });
}
