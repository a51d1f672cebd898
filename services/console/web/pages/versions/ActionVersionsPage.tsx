import { getRouteApi } from "@tanstack/react-router";
import { VersionsPage } from "./VersionsPage";

const route = getRouteApi("/signed-in/actions/$name/versions");

export function ActionVersionsPage() {
  const { name } = route.useParams();
  const navigate = route.useNavigate();
  return (
    <VersionsPage
      kind="actions"
      name={name}
      chosen={route.useSearch()}
      onChoose={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  );
}
