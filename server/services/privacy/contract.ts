import { z } from "zod";
import { PERSONAL_COLUMNS } from "@/server/catalog";
import { instant } from "@/server/lib/contract";

const personalColumn = z.enum(PERSONAL_COLUMNS);

export const privacyChange = z.strictObject({
  masked_columns: z.array(personalColumn).max(PERSONAL_COLUMNS.length).describe("Exactly these are masked for viewers"),
});
export type PrivacyChange = z.infer<typeof privacyChange>;

const privacySettings = z.object({
  masked_columns: z.array(personalColumn).describe("Columns that are masked for viewers"),
  changed_at: instant.nullable().describe("Null until an administrator chooses; then all are masked"),
  changed_by: z.string().nullable(),
});
export type PrivacySettings = z.infer<typeof privacySettings>;
