const SHORTEST = 12;

interface Typed {
  readonly current?: string;
  readonly next: string;
  readonly again: string;
}

/** What is wrong with a new password before it is sent; the field, and the message's name. */
export function faultOf({ current, next, again }: Typed) {
  if (current === "") return { field: "current", problem: "required" } as const;
  if (next.length < SHORTEST) return { field: "next", problem: "tooShort" } as const;
  if (next === current) return { field: "next", problem: "sameAsOld" } as const;
  if (again !== next) return { field: "again", problem: "different" } as const;
  return null;
}
