import { Stack } from "@mantine/core";
import { PlugZap } from "lucide-react";
import { useTestProvider } from "../../nouns/provider/queries";
import { useRefusal } from "../../nouns/session/can";
import { DeedButton } from "../../ui/DeedButton";
import { TestReport } from "../../ui/TestReport";

/** Tries to connect now, and says what was found. */
export function TestButton({ name }: { name: string }) {
  const test = useTestProvider(name);
  const refusal = useRefusal("providers.test");
  return (
    <Stack gap={6} align="flex-start">
      <DeedButton
        size="xs"
        variant="default"
        leftSection={<PlugZap size={14} aria-hidden />}
        refusal={refusal}
        loading={test.isPending}
        aria-label={`Test ${name}`}
        onClick={() => test.mutate()}
      >
        Test
      </DeedButton>
      <TestReport report={test.data?.data} error={test.error} />
    </Stack>
  );
}
