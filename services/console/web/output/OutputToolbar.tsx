import { ActionIcon, Button, Group, Text, TextInput, Tooltip } from "@mantine/core";
import { ArrowDownToLine, ChevronDown, ChevronUp, CircleAlert, Clock, Search, WrapText } from "lucide-react";
import type { ReactNode } from "react";
import type { ViewSettings } from "./viewSettings";

interface OutputToolbarProps {
  find: string;
  onFind: (text: string) => void;
  found: number;
  /** Which of those found is looked at, from 0. */
  at: number;
  onNext: () => void;
  onPrevious: () => void;
  lines: number;
  onFirstError: () => void;
  isLive: boolean;
  follows: boolean;
  onFollow: () => void;
  settings: ViewSettings;
  download: ReactNode;
}

/** What may be done with an output: find in it, jump, follow, and how it is shown. */
export function OutputToolbar(props: OutputToolbarProps) {
  const {
    find,
    onFind,
    found,
    at,
    onNext,
    onPrevious,
    lines,
    onFirstError,
    isLive,
    follows,
    onFollow,
    settings,
    download,
  } = props;
  return (
    <Group gap="xs" justify="space-between" role="toolbar" aria-label="Output">
      <Group gap={6} wrap="nowrap" miw={0}>
        <TextInput
          aria-label="Find in the output"
          placeholder="Find"
          leftSection={<Search size={15} aria-hidden />}
          rightSection={
            find === "" ? null : (
              <Text size="xs" c="dimmed" role="status" style={{ whiteSpace: "nowrap" }}>
                {found === 0 ? "none" : `${Math.min(at, found - 1) + 1}/${found}`}
              </Text>
            )
          }
          rightSectionWidth={76}
          value={find}
          onChange={(event) => onFind(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") {
              event.preventDefault();
              (event.shiftKey ? onPrevious : onNext)();
            }
            if (event.key === "Escape") {
              onFind("");
            }
          }}
          flex="1 1 230px"
          miw={0}
        />
        <ActionIcon.Group>
          <IconButton label="Previous" icon={<ChevronUp size={17} />} onClick={onPrevious} isDisabled={found === 0} />
          <IconButton label="Next" icon={<ChevronDown size={17} />} onClick={onNext} isDisabled={found === 0} />
        </ActionIcon.Group>
        <IconButton
          label="Jump to the first error"
          icon={<CircleAlert size={17} />}
          onClick={onFirstError}
          isDisabled={lines === 0}
        />
      </Group>
      <Group gap={6}>
        <Text size="sm" c="dimmed">
          {lines.toLocaleString()} {lines === 1 ? "line" : "lines"}
        </Text>
        <IconButton
          label="Times (t)"
          icon={<Clock size={17} />}
          isPressed={settings.showsTimes}
          onClick={() => settings.setShowsTimes(!settings.showsTimes)}
        />
        <IconButton
          label="Wrap long lines (w)"
          icon={<WrapText size={17} />}
          isPressed={settings.wraps}
          onClick={() => settings.setWraps(!settings.wraps)}
        />
        {download}
        {isLive ? (
          <Button
            size="xs"
            variant={follows ? "filled" : "default"}
            aria-pressed={follows}
            leftSection={<ArrowDownToLine size={15} aria-hidden />}
            onClick={onFollow}
          >
            {follows ? "Following" : "Follow (f)"}
          </Button>
        ) : null}
      </Group>
    </Group>
  );
}

interface IconButtonProps {
  label: string;
  icon: ReactNode;
  onClick: () => void;
  isDisabled?: boolean;
  /** Of one that is on or off. */
  isPressed?: boolean;
}

function IconButton({ label, icon, onClick, isDisabled = false, isPressed }: IconButtonProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant={isPressed ? "filled" : "default"}
        size={34}
        aria-label={label}
        aria-pressed={isPressed}
        disabled={isDisabled}
        onClick={onClick}
      >
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}
