import { Center, Loader } from "@mantine/core";

export function ActionsLoading() {
  return (
    <Center py="md">
      <Loader size="sm" aria-label="More actions are being read" />
    </Center>
  );
}
