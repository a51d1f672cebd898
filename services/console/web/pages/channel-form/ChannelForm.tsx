import { useNavigate } from "@tanstack/react-router";
import { TwoViewForm, type WrittenDefinition } from "../../definition-form/TwoViewForm";
import { ButtonLink } from "../../ui/links";
import { ChannelFields } from "./ChannelFields";
import { CHANNEL_FORM } from "./kind";

/** Writes a channel, by fields or as YAML, and stores it as a new version. */
export function ChannelForm(written: WrittenDefinition) {
  const navigate = useNavigate();
  return (
    <TwoViewForm
      {...written}
      kind={CHANNEL_FORM}
      onSaved={() => void navigate({ to: "/settings", search: { show: "channels" } })}
      cancel={
        <ButtonLink to="/settings" search={{ show: "channels" }} variant="default">
          Cancel
        </ButtonLink>
      }
    >
      {(form) => <ChannelFields form={form} />}
    </TwoViewForm>
  );
}
