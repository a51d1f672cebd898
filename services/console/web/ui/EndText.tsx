import classes from "./EndText.module.css";

/** A machine's name, of which the end stays where there is no room for all: that is what tells it from others. */
export function EndText({ text, className = "" }: { text: string; className?: string | undefined }) {
  return (
    <span className={`${classes.text} ${className}`} title={text}>
      <bdi dir="ltr">{text}</bdi>
    </span>
  );
}
