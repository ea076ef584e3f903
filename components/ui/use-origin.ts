import { useEffect, useState } from "react";

/** Returns the origin under which the browser reaches the console. It is known only to the browser, and empty at first. */
export function useOrigin(): string {
  const [origin, setOrigin] = useState("");
  useEffect(() => setOrigin(window.location.origin), []);
  return origin;
}
