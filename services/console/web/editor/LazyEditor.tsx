import { Code } from "@mantine/core";
import { lazy, Suspense } from "react";
import { reloadWhenServed } from "../ui/reloadWhenServed";
import type { CodeEditorProps } from "./CodeEditor";

const loadEditor = () => import("./CodeEditor");
const CodeEditor = lazy(async () => ({ default: (await loadEditor().catch(reloadWhenServed)).CodeEditor }));

/** Begin to load the editor where a page will show one. */
export function preloadEditor(): void {
  loadEditor().catch(() => undefined); // it is fetched once more where one is shown
}

/** The editor, which is loaded when a page first shows one; until then its text. */
export function LazyEditor(props: CodeEditorProps) {
  return (
    <Suspense fallback={<Code block>{props.value || " "}</Code>}>
      <CodeEditor {...props} />
    </Suspense>
  );
}
