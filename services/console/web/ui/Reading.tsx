import { Center, Loader, Skeleton, VisuallyHidden } from "@mantine/core";

interface ReadingProps {
  /** What is being read, in a sentence, for whoever does not see the sign. */
  label: string;
  /** Of what will stand there, in pixels, where that is known. */
  height?: number;
}

/** Where something is being read: its room, or a sign that turns. */
export function Reading({ label, height }: ReadingProps) {
  return (
    <>
      <VisuallyHidden>{label}</VisuallyHidden>
      {height === undefined ? (
        <Center py="md">
          <Loader size="sm" aria-hidden />
        </Center>
      ) : (
        <Skeleton height={height} aria-hidden />
      )}
    </>
  );
}
