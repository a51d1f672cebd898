import { useNavigate } from "@tanstack/react-router";
import { DefinitionForm } from "../../definition-form/DefinitionForm";
import { type Beginning, useDefinitionForm } from "../../definition-form/useDefinitionForm";
import { ViewTabs } from "../../definition-form/ViewTabs";
import { ButtonLink } from "../../ui/links";
import { ChannelFields } from "./ChannelFields";
import { CHANNEL_FORM } from "./kind";

interface ChannelFormProps {
  /** Whose drafts are kept. */
  person: string;
  /** Of the channel that is changed, or of the form that makes one. */
  name: string;
  beginning: Beginning;
  /** Whether it is written as YAML. */
  isText: boolean;
}

/** Writes a channel, by fields or as YAML, and stores it as a new version. */
export function ChannelForm({ person, name, beginning, isText }: ChannelFormProps) {
  const form = useDefinitionForm(CHANNEL_FORM, person, name, beginning);
  const navigate = useNavigate();
  return (
    <>
      <ViewTabs isText={isText} />
      <DefinitionForm
        form={form}
        beginning={beginning}
        isText={isText}
        onSaved={() => void navigate({ to: "/settings", search: { show: "channels" } })}
        cancel={
          <ButtonLink to="/settings" search={{ show: "channels" }} variant="default">
            Cancel
          </ButtonLink>
        }
      >
        <ChannelFields form={form} />
      </DefinitionForm>
    </>
  );
}
