"use client";

import { useState } from "react";

/** The newest answer there was, while a newer question waits for its own or gets none. */
export function useKept<T>(data: T | undefined): T | undefined {
  const [kept, setKept] = useState(data);
  if (data !== undefined && data !== kept) setKept(data);
  return data ?? kept;
}
