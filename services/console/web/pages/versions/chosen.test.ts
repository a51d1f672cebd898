import { expect, test } from "vitest";
import { comparedOf } from "./chosen";

test.each([
  [{}, 4, { version: 4, against: 3 }],
  [{ version: 2 }, 4, { version: 2, against: 1 }],
  [{ version: 1 }, 4, { version: 1, against: 0 }],
  [{ against: 1 }, 4, { version: 4, against: 1 }],
  [{ version: 2, against: 4 }, 4, { version: 2, against: 4 }],
])("of %o the versions are compared that it names, or those before", (chosen, newest, compared) => {
  expect(comparedOf(chosen, newest)).toEqual(compared);
});
