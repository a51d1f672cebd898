import type { Schemas } from "../api/client";
import type { Attempt, Run, RunStep } from "../nouns/run/states";

/** A run that has succeeded, but for what is said otherwise. */
export function aRun(changed: Partial<Run> = {}): Run {
  return {
    id: "01JX3Q7W8Z5V9K2M4N6P8R0S2T",
    action: { name: "restart-service", version: 3, title: "Restart a service" },
    state: "succeeded",
    reason: null,
    reason_text: null,
    trigger: { kind: "manual", by: "ann", principal_id: null, note: "", alert_id: null, missed: 0, joined: 0 },
    parameters: {},
    created_at: "2026-05-01T12:00:00Z",
    started_at: "2026-05-01T12:00:01Z",
    ended_at: "2026-05-01T12:00:05Z",
    duration: 4,
    not_before: null,
    rerun_of: null,
    plan_digest: null,
    waiting_for: null,
    cancel_requested: false,
    approval: null,
    paused: null,
    progress: { done: 1, total: 1, percent: 100, current_step: null },
    ended_steps: { succeeded: 1 },
    output_deleted_at: null,
    steps: [],
    timeline: [],
    ...changed,
  };
}

/** The first attempt of a step, which runs, but for what is said otherwise. */
export function anAttempt(changed: Partial<Attempt> = {}): Attempt {
  return {
    id: "01JX3Q7W8Z5V9K2M4N6P8R0S2T.000.0000.01",
    invocation: 0,
    number: 1,
    provider: "web-1",
    command: "systemctl restart nginx",
    state: "running",
    exit_status: null,
    signal: null,
    reason: null,
    reason_text: null,
    ending: null,
    executor: "executor-1",
    created_at: "2026-05-01T12:00:01Z",
    started_at: "2026-05-01T12:00:01Z",
    command_started_at: null,
    timeout: 600,
    ended_at: null,
    output_bytes: 0,
    run_as: null,
    captured: {},
    ...changed,
  };
}

/** A step on one provider that has not begun, but for what is said otherwise. */
export function aStep(changed: Partial<RunStep> = {}): RunStep {
  return {
    name: "restart",
    provider: "web-1",
    state: "pending",
    reason: null,
    reason_text: null,
    due_at: null,
    started_at: null,
    ended_at: null,
    carried_from: null,
    invocations: null,
    batch: null,
    failed_providers: [],
    attempts: [],
    ...changed,
  };
}

/** A text that may be left out, but for what is said otherwise. */
export function aParameter(changed: Partial<Schemas["Parameter"]> = {}): Schemas["Parameter"] {
  return {
    name: "service",
    type: "string",
    title: "",
    description: "",
    required: false,
    leading_dash: false,
    code: false,
    ...changed,
  };
}

/** A step of an action as it is where nothing is said, but for what is said otherwise. */
export function anActionStep(changed: Partial<Schemas["Step"]> = {}): Schemas["Step"] {
  return {
    name: "restart",
    title: "",
    description: "",
    provider: "web-1",
    providers: null,
    rollout: null,
    command: "systemctl restart nginx",
    shell: "sh",
    timeout: 600,
    retries: { count: 0, delay: 1, backoff: "fixed", maximum_delay: 3600 },
    when: "previous_success",
    on_failure: "stop",
    on_lost: "hold",
    environment: {},
    working_directory: null,
    stdin: null,
    run_as: null,
    success_exit_codes: [0],
    capture: null,
    expect_disconnect: null,
    ...changed,
  };
}

/** An alert of which nothing is known but that it fires, but for what is said otherwise. */
export function anAlert(changed: Partial<Schemas["Alert"]> = {}): Schemas["Alert"] {
  return {
    source: "generic",
    integration: "",
    source_instance: "",
    event_id: "e1",
    fingerprint: "f1",
    group_key: "",
    status: "firing",
    severity: "unknown",
    title: "",
    description: "",
    labels: {},
    annotations: {},
    starts_at: "2026-05-01T12:00:00Z",
    ends_at: null,
    url: "",
    ...changed,
  };
}

/** What a rule said to an alert: that it matches, but for what is said otherwise. */
export function aDecision(changed: Partial<Schemas["RuleDecision"]> = {}): Schemas["RuleDecision"] {
  return { decision: "run_requested", reason: "", refire: 0, at: "2026-05-01T12:00:00Z", ...changed };
}
