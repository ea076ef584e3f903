"use client";

import { type ComponentType, cloneElement, type ReactElement, useEffect, useRef, useState } from "react";
import { useOnDemand } from "../ui/use-on-demand";

export interface MenuProps {
  /** The button. */
  target: ReactElement;
  opened: boolean;
  onChange: (opened: boolean) => void;
}

interface Props {
  load: () => Promise<ComponentType<MenuProps>>;
  children: ReactElement<Record<string, unknown>>;
}

/** A button with a menu, whose code is loaded when the button is pointed at, focused or pressed. */
export function MenuButton({ load, children }: Props) {
  const [Menu, request] = useOnDemand(load);
  const [isUsed, setIsUsed] = useState(false);
  const [opened, setOpened] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const isReady = isUsed && Menu !== undefined;
  // The menu brings a button of its own. Opened after that has the focus, the menu returns the focus to it.
  useEffect(() => {
    if (!isReady) return;
    button.current?.focus();
    setOpened(true);
  }, [isReady]);
  if (isReady) return <Menu target={cloneElement(children, { ref: button })} opened={opened} onChange={setOpened} />;
  return cloneElement(children, {
    "aria-haspopup": "menu",
    "aria-expanded": false,
    onMouseEnter: () => request(true),
    onFocus: () => request(true),
    onClick: () => {
      setIsUsed(true);
      request();
    },
  });
}
