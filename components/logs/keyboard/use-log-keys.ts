"use client";

import { useLocalStorage } from "@mantine/hooks";
import { useEffect, useRef } from "react";

export interface LogKeys {
  "/": () => void;
  j: () => void;
  k: () => void;
  Enter: () => void;
  n: () => void;
  p: () => void;
  g: () => void;
  G: () => void;
  t: () => void;
  "?": () => void;
}

/** Keys that also work while the details cover the rows. */
const IN_DRAWER: ReadonlySet<string> = new Set(["j", "k"]);

/** Whether single-key shortcuts are enabled; stored in this browser. */
export function useKeysEnabled() {
  return useLocalStorage({ key: "log-keys", defaultValue: true });
}

/**
 * Handles single-key shortcuts. Ignored while typing or while another dialog is open, with
 * Ctrl, Alt or Meta, and when a control uses the key itself.
 */
export function useLogKeys(keys: LogKeys, { isModalOpen }: { isModalOpen: boolean }) {
  const [enabled] = useKeysEnabled();
  const latest = useRef({ keys, isModalOpen });
  useEffect(() => {
    latest.current = { keys, isModalOpen };
  });

  useEffect(() => {
    if (!enabled) return;
    const press = (event: KeyboardEvent) => {
      const { key, target } = event;
      const { keys, isModalOpen } = latest.current;
      if (!isLogKey(keys, key) || event.defaultPrevented || event.isComposing) return;
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(target)) return;
      if (key === "Enter" && isControl(target)) return;
      if (isModalOpen ? !IN_DRAWER.has(key) : isInLayer(target)) return;
      event.preventDefault();
      keys[key]();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [enabled]);
}

function isLogKey(keys: LogKeys, key: string): key is keyof LogKeys {
  return Object.hasOwn(keys, key);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.closest("input, textarea, select, [role=combobox], [role=slider]") !== null)
  );
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("a, button, [role=button], summary") !== null;
}

/** Returns whether the target is in a menu, a list of options or a dialog other than the details beside the rows. */
function isInLayer(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest("[role=dialog]:not([data-beside]), [role=menu], [role=listbox]") !== null
  );
}
