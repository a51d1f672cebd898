import type { ComponentPropsWithRef } from "react";

interface WaitingButtonProps extends ComponentPropsWithRef<"button"> {
  "data-loading"?: boolean;
}

/** What every button is made of: while it waits it does nothing and keeps the focus, which a disabled one would lose. */
export function WaitingButton({ type, disabled, onClick, ...props }: WaitingButtonProps) {
  const isWaiting = props["data-loading"] === true;
  return (
    <button
      {...props}
      type={type ?? "button"}
      {...(isWaiting ? { "aria-disabled": true, "aria-busy": true } : { disabled })}
      onClick={isWaiting ? (event) => event.preventDefault() : onClick}
    />
  );
}
