import { useNavigate } from "@tanstack/react-router";
import { Page } from "../../ui/Page";
import { EMPTY_DRAFT } from "./draft";
import { ProviderForm } from "./ProviderForm";

/** A machine more. */
export function NewProviderPage() {
  const navigate = useNavigate();
  return (
    <Page title="Add a provider" about="A machine that steps can run on, reached over SSH">
      <ProviderForm
        before={null}
        initial={EMPTY_DRAFT}
        deed="Add the provider"
        onSaved={(name) => void navigate({ to: "/providers/$name", params: { name } })}
      />
    </Page>
  );
}
