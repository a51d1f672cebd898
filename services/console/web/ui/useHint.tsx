import { Tooltip } from "@mantine/core";
import { type ReactNode, type RefObject, useId, useRef, useState } from "react";

interface Hint<Of extends HTMLElement> {
  /** For the element that it is about. */
  of: {
    ref: RefObject<Of | null>;
    "aria-describedby": string | undefined;
    onMouseEnter: () => void;
    onMouseLeave: () => void;
    onFocus: () => void;
    onBlur: () => void;
  };
  /** To stand beside that element. */
  hint: ReactNode;
}

/** A tooltip that is made where one looks at it: of a list of many, none costs anything. */
export function useHint<Of extends HTMLElement>(text: () => string): Hint<Of> {
  const ref = useRef<Of>(null);
  const id = useId();
  const [isShown, setShown] = useState(false);
  const show = () => setShown(true);
  const hide = () => setShown(false);
  return {
    of: {
      ref,
      "aria-describedby": isShown ? id : undefined,
      onMouseEnter: show,
      onMouseLeave: hide,
      onFocus: show,
      onBlur: hide,
    },
    hint: isShown ? <Tooltip target={ref} opened label={<span id={id}>{text()}</span>} multiline maw={320} /> : null,
  };
}
