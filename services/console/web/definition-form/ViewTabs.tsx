import { TabLink, TabLinks } from "../ui/TabLinks";

/** By fields, or as text. */
export function ViewTabs({ isText }: { isText: boolean }) {
  return (
    <TabLinks label="Ways to write it">
      <TabLink to="." search={(known) => ({ ...known, view: undefined })} isShown={!isText} replace resetScroll={false}>
        Form
      </TabLink>
      <TabLink to="." search={(known) => ({ ...known, view: "yaml" })} isShown={isText} replace resetScroll={false}>
        YAML
      </TabLink>
    </TabLinks>
  );
}
