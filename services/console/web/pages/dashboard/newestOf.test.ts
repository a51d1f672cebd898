import { expect, test } from "vitest";
import { aRun } from "../../testing/builders";
import { newestOf } from "./newestOf";

test("of several lists the newest runs come first", () => {
  const [one, two, three] = ["01A", "01B", "01C"].map((id) => aRun({ id }));
  expect(newestOf([[two], [three, one]] as never, 2).map(({ id }) => id)).toEqual(["01C", "01B"]);
});
