import { TabLink, TabLinks } from "../../ui/TabLinks";

/** All actions, one's own, what to make new ones of, and what has become of them. */
export function ActionTabs({ shown }: { shown: "all" | "favourites" | "templates" }) {
  return (
    <TabLinks label="Kinds of actions">
      <TabLink to="/actions" isShown={shown === "all"}>
        All
      </TabLink>
      <TabLink to="/actions" search={{ favourite: true }} isShown={shown === "favourites"}>
        Favourites
      </TabLink>
      <TabLink to="/templates" isShown={shown === "templates"}>
        Templates
      </TabLink>
      <TabLink to="/runs" isShown={false}>
        Execution history
      </TabLink>
    </TabLinks>
  );
}
