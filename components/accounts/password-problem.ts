import { PASSWORD_LENGTH } from "@/server/catalog/accounts";

interface Typed {
  readonly current?: string;
  readonly next: string;
  readonly again: string;
}

/** Returns the field and message of an invalid new password; null if it is valid. */
export function passwordProblem({ current, next, again }: Typed) {
  if (current === "") return { field: "current", problem: "required" } as const;
  if (next.length < PASSWORD_LENGTH.min) return { field: "next", problem: "tooShort" } as const;
  if (next === current) return { field: "next", problem: "sameAsOld" } as const;
  if (again !== next) return { field: "again", problem: "different" } as const;
  return null;
}
