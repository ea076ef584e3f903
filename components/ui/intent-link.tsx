"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import type { ComponentProps } from "react";

/** What was prefetched since the page was loaded: its code, which does not change; data is read when it is opened. */
const prefetched = new Set<string>();

interface Props extends Omit<ComponentProps<typeof Link>, "href" | "prefetch"> {
  href: string;
}

/**
 * A link whose page is prefetched once, when it is pointed at or focused. By default, Next.js prefetches every link that
 * is visible, which would render all pages on the server before it answers this page's calls.
 */
export function IntentLink({ href, onMouseEnter, onFocus, ...props }: Props) {
  const router = useRouter();
  const prefetch = () => {
    const [path = href] = href.split(/[?#]/);
    if (prefetched.has(path)) return;
    prefetched.add(path);
    router.prefetch(href);
  };
  return (
    <Link
      {...props}
      href={href}
      prefetch={false}
      onMouseEnter={(event) => {
        prefetch();
        onMouseEnter?.(event);
      }}
      onFocus={(event) => {
        prefetch();
        onFocus?.(event);
      }}
    />
  );
}
