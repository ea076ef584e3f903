"use client";

import { useState } from "react";

/** The last data of a query, also while the next query loads or after it failed. */
export function useLastData<T>(data: T | undefined): T | undefined {
  const [last, setLast] = useState(data);
  if (data !== undefined && data !== last) setLast(data);
  return data ?? last;
}
