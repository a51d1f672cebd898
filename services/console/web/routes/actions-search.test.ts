import { parseSearchWith, stringifySearchWith } from "@tanstack/react-router";
import { describe, expect, test } from "vitest";
import { type ActionFilters, leavesSomeOut, withAll } from "../nouns/action/filters";
import { actionsSearch } from "./actions-search";

const parse = parseSearchWith(JSON.parse);
const stringify = stringifySearchWith(JSON.stringify, JSON.parse);
const read = (address: string): ActionFilters => actionsSearch.parse(parse(address));

describe("the filters of an address", () => {
  test("are what they were written from", () => {
    const filters: ActionFilters = {
      category: "Night shift",
      tag: "1e5",
      text: 'nginx & "café" true',
      favourite: true,
      last_outcome: "failed",
      sort: "-last_run",
    };
    expect(read(stringify(filters as Record<string, unknown>))).toEqual(filters);
  });

  test("are texts also where they read as something else", () => {
    expect(read("?text=42&tag=true")).toEqual({ text: "42", tag: "true" });
  });

  test("are left out where they cannot be, and the others stay", () => {
    expect(read("?sort=sideways&favourite=perhaps&last_outcome=running&category=Recovery")).toEqual({
      category: "Recovery",
    });
  });
});

describe("a list of actions", () => {
  test("leaves some out by a filter, not by its tab or its order", () => {
    expect(leavesSomeOut({ favourite: true, sort: "-name" })).toBe(false);
    expect(leavesSomeOut({ text: "nginx" })).toBe(true);
  });

  test("without its filters keeps tab and order", () => {
    expect(withAll({ favourite: true, sort: "-name", text: "x", category: "y" })).toEqual({
      favourite: true,
      sort: "-name",
    });
  });
});
