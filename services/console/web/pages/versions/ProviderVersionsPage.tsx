import { getRouteApi } from "@tanstack/react-router";
import { VersionsPage } from "./VersionsPage";

const route = getRouteApi("/signed-in/providers/$name/versions");

export function ProviderVersionsPage() {
  const { name } = route.useParams();
  const navigate = route.useNavigate();
  return (
    <VersionsPage
      kind="providers"
      name={name}
      chosen={route.useSearch()}
      onChoose={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  );
}
