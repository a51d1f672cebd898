import { Alert } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { FileStack } from "lucide-react";
import { actionQuery } from "../../nouns/action/queries";

/** That an action is kept in files, which know nothing of what is changed here. */
export function FileSetNote({ name }: { name: string }) {
  const { data: action } = useQuery(actionQuery(name));
  return action?.file_set ? (
    <Alert color="yellow" icon={<FileStack />} title="This action is kept in files">
      The file set {action.file_set} made it. What you change here is undone when its files are applied again: change it
      there, too.
    </Alert>
  ) : null;
}
