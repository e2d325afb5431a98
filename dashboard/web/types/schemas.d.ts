// Types of the data that pages and server exchange. Written by `python -m scripts.web_types`, not by hand.
//
// Of what the server sends, a property that can be null can also be absent: live frames leave nulls out.

/** Ids of dashboard/ids.py. */
export type NamedId = "accuracy" | "actions" | "actions-layer" | "actions-sink" | "baseline-said" | "compare-confusion" | "compare-confusion-ask" | "compare-confusion-state" | "compare-confusion-view" | "compare-controls" | "compare-curves" | "compare-differences" | "compare-distribution" | "compare-groups" | "compare-headline" | "compare-mounted" | "compare-page" | "compare-parallel" | "compare-picker" | "compare-problem" | "compare-settings" | "compare-state" | "compare-view" | "compare-view-sink" | "compare-weights" | "compare-weights-controls" | "compare-weights-state" | "compare-weights-view" | "confusion" | "content" | "datasets-mounted" | "datasets-page" | "door-refusal" | "join-links" | "layers" | "loss" | "mistakes" | "nav-compare" | "new-form" | "new-mounted" | "new-page" | "new-run" | "new-run-menu" | "news" | "people-mounted" | "people-table" | "person-name" | "policy" | "projector" | "reward" | "route-sink" | "run-actions" | "run-bar" | "run-error" | "run-log" | "run-message" | "run-mounted" | "run-name" | "run-news" | "run-notes" | "run-page" | "run-progress" | "run-progress-words" | "run-provenance" | "run-rename" | "run-said" | "run-tabs" | "run-tabs-sink" | "run-tags" | "runs-bulk" | "runs-count" | "runs-grid" | "runs-mounted" | "runs-none-clear" | "runs-page" | "runs-toolbar" | "settings-mounted" | "show-baseline" | "show-replicates" | "start-error" | "synapse" | "synrl-theme" | "time" | "tokens" | "upload-panel" | "url" | "weights" | "weights-cells" | "weights-exact" | "weights-layer" | "weights-measure" | "weights-sink" | "weights-view";

/** An id of dashboard/ids.py, or of a part of a panel. */
export type ElementId = NamedId | `${NamedId}-graph` | `${NamedId}-now` | `${NamedId}-alternative`;

/** Action counts over time, summed over replicates. */
export interface Actions {
  iteration: number[];
  layers: LayerActions[];
}

/** Gradient descent on the data and the network of a run, to compare with. */
export interface Baseline {
  /** The run; null where there is none yet. */
  run?: RunRead | null;
  /** Whether there can be one. */
  possible: boolean;
  /** Why there can't be one. */
  reason?: string | null;
}

/** What came in. */
export interface BundleImported {
  runs: ImportedRun[];
  /** Data that are not on this server: their runs can be looked at, not repeated. */
  missing_datasets: BundledDataset[];
}

/** The data that a run trained on: not in the bundle, named by what they hold. */
export interface BundledDataset {
  id: string;
  name: string;
  built_in: boolean;
  /** SHA-256 of the data as the worker saw them; null if none trained. */
  content_hash?: string | null;
}

/** A curve over x. */
export interface ComparedCurve {
  /** The run whose it is; null: a mean over samples. */
  run?: string | null;
  x: number[];
  /** As measured. */
  mean: (number | null)[];
  /** Smoothed before any point was left out; null without smoothing. */
  smooth?: (number | null)[] | null;
  /** Standard deviation over samples; null with one. */
  deviation?: (number | null)[] | null;
  /** Replicates of all runs of the group. */
  samples: number;
}

/** Runs with the same values of some settings; each replicate of each run is a sample. */
export interface ComparedGroup {
  key: string;
  label: string;
  settings: Record<string, unknown>;
  runs: string[];
  /** The number compared, of each sample. */
  values: (number | null)[];
  /** Samples that have a number. */
  samples: number;
  mean?: number | null;
  /** Standard deviation (n - 1); null with fewer than two samples. */
  deviation?: number | null;
  lowest?: number | null;
  highest?: number | null;
  is_baseline: boolean;
  /** To the baseline; null without one, and for itself. */
  difference?: Difference | null;
  curve: ComparedCurve;
  /** A curve for each run, where that was asked for. */
  members: ComparedCurve[];
}

/** A run in a comparison. */
export interface ComparedRun {
  id: string;
  name: string;
  status: RunStatus;
  /** Key of its group. */
  group: string;
  seed: number;
  replicates: number;
  iteration: number;
  forward_passes: number;
  seconds: number;
  /** The number compared, of each replicate. */
  values: (number | null)[];
  mean?: number | null;
}

/** A setting in which the runs differ. */
export interface ComparedSetting {
  name: string;
  title: string;
  symbol?: string | null;
  /** In the order of the runs; null where it has no meaning for a run. */
  values: unknown[];
}

/** Runs side by side. */
export interface Comparison {
  options: ComparisonOptions;
  runs: ComparedRun[];
  /** Runs that are not there, or not any more. */
  missing: string[];
  /** Only those in which the runs differ. */
  settings: ComparedSetting[];
  grouped_by: string[];
  groups: ComparedGroup[];
}

/** How runs are compared. Pages hold the same in their address. */
export interface ComparisonOptions {
  /** What is compared. */
  metric: "validation_accuracy" | "train_accuracy" | "validation_loss" | "train_loss" | "reward_rate";
  /** What the curves run over. */
  x: "iteration" | "forward_passes" | "seconds";
  /** One number of a curve: its last value, or its best (which flatters noisy curves). */
  statistic: "final" | "best";
  /** Weight of the past in an exponential mean over the evaluations. */
  smoothing: number;
  /** Runs with the same values of these settings form a group. Null: all that differ but the seed; empty: each run by itself. */
  group_by?: string[] | null;
  /** A run: its group is what the others are compared with. */
  baseline?: string | null;
  /** Runs whose groups' members get curves of their own; `all`: every group's. */
  members: string[];
  /** Points of a curve. */
  max_points: number;
  /** Lay the points of groups evenly on a logarithmic axis. */
  log_x: boolean;
}

/** Who was taken for whom, over the validation samples, by one replicate at one iteration. */
export interface Confusion {
  iteration: number;
  replicate: number;
  samples: number;
  right: number;
  /** The classes shown, at most 30: those with most mistakes. */
  classes: number[];
  class_names: string[];
  /** How many samples each has. */
  class_samples: number[];
  /** A row for each true class, a column for each named one. */
  counts: number[][];
  all_classes: number;
}

/** A class of a data set. */
export interface DatasetClass {
  name: string;
  samples: number;
  /** First samples side by side, a PNG as a data URL; in previews of pictures only. */
  picture?: string | null;
}

/** A data set with some of its samples. */
export interface DatasetDetail {
  /** What a configuration names as its dataset. */
  id: string;
  name: string;
  group: "pictures" | "boundaries" | "tables";
  built_in: boolean;
  description: string;
  licence?: string | null;
  source: string;
  citation?: string | null;
  samples: number;
  /** [height, width] of pictures, else [inputs]. */
  sample_shape: number[];
  classes: DatasetClass[];
  scaling?: string | null;
  remarks: string[];
  /** SHA-256 of the data; null for those that ship. */
  content_hash?: string | null;
  files: string[];
  bytes?: number | null;
  /** Who brought it, and may rename and delete it; null for those that ship. */
  owner?: string | null;
  created_at?: string | null;
  preview: DatasetPreview;
}

/** A data set at a glance. */
export interface DatasetPreview {
  samples: number;
  /** [height, width] of pictures, else [inputs]. */
  sample_shape: number[];
  /** In the order of the labels; the first 20 with pictures. */
  classes: DatasetClass[];
  /** What is done to the values before they train. */
  scaling: string;
  /** What the reader decided or left out. */
  remarks: string[];
  /** Names of the inputs that `rows` shows, at most 64. */
  feature_names: string[];
  /** Some samples; empty for pictures. */
  rows: DatasetRow[];
  /** x, y, label of some samples, where a sample has two inputs. */
  points?: number[][] | null;
}

/** A data set as the API and the pages show it. */
export interface DatasetRead {
  /** What a configuration names as its dataset. */
  id: string;
  name: string;
  group: "pictures" | "boundaries" | "tables";
  built_in: boolean;
  description: string;
  licence?: string | null;
  source: string;
  citation?: string | null;
  samples: number;
  /** [height, width] of pictures, else [inputs]. */
  sample_shape: number[];
  classes: DatasetClass[];
  scaling?: string | null;
  remarks: string[];
  /** SHA-256 of the data; null for those that ship. */
  content_hash?: string | null;
  files: string[];
  bytes?: number | null;
  /** Who brought it, and may rename and delete it; null for those that ship. */
  owner?: string | null;
  created_at?: string | null;
}

/** A sample of a table, unscaled. */
export interface DatasetRow {
  class_name: string;
  values: number[];
}

/** What people may change on a data set they brought. */
export interface DatasetUpdate {
  /** Longer than 200 characters is cut. */
  name?: string | null;
  /** One a class, in the classes' order. */
  class_names?: string[] | null;
}

/** How far a group is from the baseline. */
export interface Difference {
  mean: number;
  /** 95 % confidence interval; null where there are too few samples for one. */
  low?: number | null;
  high?: number | null;
  /** Student's t on differences of samples with the same seed; Welch's t where seeds don't match; none with fewer than two samples on a side. */
  method: "paired" | "welch" | "none";
  /** Of the group. */
  samples: number;
  baseline_samples: number;
}

/** One setting. */
export interface FormField {
  key: string;
  name: string;
  title: string;
  help: string;
  group: string;
  kind: "integer" | "number" | "choice" | "switch" | "layers" | "text";
  default: unknown;
  optional: boolean;
  range: string;
  symbol?: string;
  unit?: string;
  advanced?: boolean;
  applies_to?: Record<string, unknown[]>;
  options?: Option[];
}

/** What the live feed sends. A frame with ``reset`` replaces all that a viewer holds, others add to it. */
export interface Frame {
  reset: boolean;
  /** When more of it changed than its progress. */
  run?: RunRead | null;
  progress?: RunProgress | null;
  metrics?: Metrics | null;
  actions?: Actions | null;
  weights?: Weights | null;
  policy?: PolicyRead | null;
  /** Unix time at which the newest point was measured. */
  measured_at?: number | null;
  /** The run is gone; nothing follows. */
  deleted?: boolean | null;
}

/** Runs that differ only in their seed, or of one sweep, as one row of a table. */
export interface GroupRow {
  kind: "group";
  /** ``group:`` and the key. */
  id: string;
  /** The group key of its runs, or the sweep's id; empty: runs of no sweep. */
  key: string;
  name: string;
  /** Settings of its runs that are not the defaults, by title. */
  differs: Record<string, unknown>;
  runs: number;
  /** At most 50; GET /runs/ids has them all. */
  run_ids: string[];
  by_status: Record<RunStatus, number>;
  /** Of all its runs together. */
  iteration: number;
  /** Of all its runs together. */
  iterations: number;
  /** Of all its runs together. */
  training_seconds: number;
  /** Last measured, mean over its runs. */
  validation_accuracy?: number | null;
  /** Standard deviation over its runs, if several. */
  validation_accuracy_deviation?: number | null;
  /** Mean over its runs of the best of each. */
  best_validation_accuracy?: number | null;
  best_validation_accuracy_deviation?: number | null;
  /** Null where its runs have several. */
  dataset_name?: string | null;
  /** As of a run; null for sweeps. */
  config?: Record<string, unknown> | null;
  /** Null where its runs have several. */
  owner?: string | null;
  /** Of its newest run. */
  created_at: string;
}

/** The process is alive. */
export interface Health {
  status: string;
}

/** A run that came in. */
export interface ImportedRun {
  id: string;
  /** Its id in the bundle; another if a run here has it already. */
  original_id: string;
  name: string;
}

/** A way in for a class. */
export interface JoinLinkCreate {
  role?: "student" | "viewer";
  /** The link closes by itself then. */
  hours?: number;
}

/** A way in for a class: who opens /join/<code> and gives a name is in. */
export interface JoinLinkRead {
  code: string;
  role: Role;
  created_at: string;
  expires_at: string;
}

/** How many synapses of one layer did what, at each entry since the one before. */
export interface LayerActions {
  down: number[];
  stay: number[];
  up: number[];
}

/** One layer's weights in a byte each: weight = scale * int8 / 127. Row 0 holds the biases. */
export interface LayerWeights {
  /** Inputs of the layer and the bias: fan_in + 1. */
  rows: number;
  /** Units of the layer: fan_out. */
  columns: number;
  /** Largest absolute weight. */
  scale: number;
  /** rows * columns int8, row by row, base64. */
  data: string;
}

/** Something that happened to a run. */
export interface LogEntry {
  at: string;
  /** Where the run stood. */
  iteration: number;
  /** created, started, left, lost, taken up, mended; or what was asked: pause, stop, .. */
  kind: string;
  words: string;
}

/** Who asks, and what she may do. */
export interface Me {
  name: string;
  role: Role;
  /** False where only this computer can reach the server: nobody signs in. */
  signed_in: boolean;
  /** What a student's runs may take; null for the teacher. */
  limits?: Record<string, number> | null;
}

/** Curves, column by column; all columns have one length. Null stands for not a number. */
export interface Metrics {
  iteration: number[];
  forward_passes: number[];
  seconds: number[];
  /** Mean over replicates of each metric column. */
  values: Record<string, (number | null)[]>;
  /** Standard deviation over replicates; null with one. */
  deviation?: Record<string, (number | null)[]> | null;
  /** Each replicate, when asked for. */
  replicates?: Record<string, ((number | null)[])[]> | null;
}

/** A validation sample whose class was named wrong. */
export interface Mistake {
  /** Its place in the data set, from 0. */
  sample: number;
  label: number;
  named: number;
  /** The class that it has. */
  label_name: string;
  /** The class that the network names. */
  named_name: string;
  /** Probability that the network gives to the class it names, 0..1. */
  certainty: number;
  /** Probability that it gives to the true class, 0..1. */
  certainty_of_truth: number;
  /** A PNG as a data URL; null where samples are no pictures. */
  picture?: string | null;
  /** As the network sees them, at most 64; null for pictures. */
  values?: number[] | null;
}

/** The validation samples that were named wrong, those first whose true class seemed least likely. */
export interface Mistakes {
  iteration: number;
  replicate: number;
  samples: number;
  right: number;
  /** [height, width] of pictures, else [inputs]. */
  sample_shape: number[];
  /** Names of the values, where they have names. */
  feature_names: string[];
  mistakes: Mistake[];
}

/** What a filter offers: an id and how people call it. */
export interface Named {
  id: string;
  name: string;
}

/** One of the values that a field takes. */
export interface Option {
  value: string;
  label: string;
  group?: string;
  help?: string;
}

/** Somebody who joined. */
export interface PersonRead {
  id: string;
  name: string;
  role: Role;
  runs: number;
  created_at: string;
  seen_at: string;
  /** When she was sent out; null: she is in. */
  removed_at?: string | null;
}

/** A personal code; shown this once. */
export interface PersonalCode {
  name: string;
  code: string;
}

/** What would be started, and what is wrong with it. */
export interface Plan {
  /** How many runs; those that differ only in settings without meaning count once. */
  runs: number;
  problems: PlanProblem[];
  /** The configurations, where some of the grid's combinations are the same run; else null. */
  configs?: Record<string, unknown>[] | null;
  /** Null while there are problems. */
  estimate?: PlanEstimate | null;
  /** Null while there are problems. */
  network?: PlanNetwork | null;
}

/** What the runs would take. */
export interface PlanEstimate {
  /** Training time of the longest run. */
  seconds: number;
  /** Until all runs are done, with as many at once as there are workers. */
  total_seconds: number;
  /** Measured on finished runs of the same size; a model corrected by what runs took on this server; or that model as it was measured elsewhere. */
  basis: "runs_like_this" | "runs_of_this_server" | "model";
  /** How many finished runs that rests on. */
  basis_runs: number;
  /** Peak memory of the largest run. */
  memory_bytes: number;
  /** Memory of the machine. */
  memory_available: number;
  /** Batch losses computed, all runs together. */
  forward_passes: number;
  /** Runs that train at once. */
  workers: number;
  /** Runs that are queued before these. */
  waiting: number;
}

/** The network of the first run. */
export interface PlanNetwork {
  /** Units of each layer, from the inputs to the outputs. */
  sizes: number[];
  /** Weights and biases: that many agents act. */
  synapses: number;
  /** Samples that train. */
  samples: number;
  /** Samples held back. */
  validation_samples: number;
}

/** Why a setting can't be used: the same words as a refusal of POST /runs. */
export interface PlanProblem {
  /** The setting, as in `step_size` or `dataset_parameters.noise`; empty: the whole. */
  field: string;
  message: string;
  value: unknown;
}

/** Settings as they would be sent to POST /runs or POST /sweeps, right or wrong. */
export interface PlanRequest {
  /** Left-out settings take their defaults. */
  config?: Record<string, unknown>;
  /** Settings of which several values are tried: each with each. */
  grid?: Record<string, unknown[]>;
}

/** The table that the synapses act by at one iteration, how often its cells were used, and where rewards stand. */
export interface PolicyRead {
  iteration: number;
  replicate: number;
  /** h, how many past actions and rewards the table looks at. */
  history: number;
  table: number[];
  /** Null where biases act by the table of the weights. */
  bias_table?: number[] | null;
  /** How often each cell was used since the start. */
  visits: number[];
  /** The last h rewards: the place in the table where all synapses are. */
  rewards: number;
  /** Probability of a random next action. */
  exploration: number;
  /** 0: the action of the highest value is taken. Above 0 it is drawn, with the probabilities softmax(table / temperature) over the actions. Either way exploration is mixed in. */
  temperature: number;
  /** The same of the table of the biases; null where biases act by the table of the weights. */
  bias_temperature?: number | null;
}

/** A run that is ready to start. */
export interface Preset {
  id: string;
  title: string;
  description: string;
  /** About how long it takes on one core of a laptop. */
  seconds: number;
  config: TrainingConfig;
}

/** Why something was refused, as in problem+json. */
export interface Problem {
  title: string;
  status: number;
  detail: string;
}

/** Why something was refused (RFC 9457). */
export interface ProblemDetail {
  type: string;
  title: string;
  status: number;
  /** For people: what was refused, why, and what to do. */
  detail: string;
  instance: string;
  /** One a field at fault: field, message, and value and limit where there are any. */
  errors?: Record<string, unknown>[] | null;
}

/** Whether runs can be taken and trained, part by part. */
export interface Readiness {
  ready: boolean;
  /** Of database, workers and artifacts: 'ok', or what is wrong. */
  checks: Record<string, string>;
}

/** What somebody may do. */
export type Role = "teacher" | "student" | "viewer";

/** What became of an action on one run: the run as it now is, or the problem. A deleted run is neither. */
export interface RunActionResult {
  id: string;
  run?: RunRead | null;
  problem?: Problem | null;
}

/** A new run like another. */
export interface RunClone {
  /** Empty: made from the configuration. */
  name?: string | null;
  /** Empty: the owner of the other. */
  owner?: string | null;
  /** Settings that differ from the other run's, as in `config` of a new run. */
  changes?: Record<string, unknown>;
}

/** A run to be queued. */
export interface RunCreate {
  /** How people call it. Empty: made from the configuration. */
  name?: string | null;
  /** Whose run it is: owners take turns in the queue. */
  owner?: string;
  /** Words to find it by. */
  tags?: string[];
  /** What people want to remember of it. */
  notes?: string;
  /** Left-out settings take their defaults. */
  config?: Partial<TrainingConfig>;
}

/** More iterations for a run. */
export interface RunExtend {
  /** How many more: than were done, of a run that has ended; than were asked for, of any other. */
  iterations: number;
  /** The run's `iterations` when this was asked for. Given, the request may be repeated: it is carried out once. */
  from_iterations?: number | null;
}

/** The values that runs have: what filters can offer. */
export interface RunFacets {
  owners: string[];
  datasets: Named[];
  tags: string[];
  /** Newest first, at most 200. */
  sweeps: Named[];
}

/** One page of a list of runs. */
export interface RunPage {
  items: RunRead[];
  total: number;
  limit: number;
  offset: number;
}

/** What changes on a run at every moment of its training; as in `RunRead`. */
export interface RunProgress {
  iteration: number;
  iterations_per_second?: number | null;
  forward_passes: number;
  training_seconds: number;
  train_accuracy?: number | null;
  validation_accuracy?: number | null;
  best_validation_accuracy?: number | null;
  best_iteration?: number | null;
}

/** A run as the API and the pages show it. Times are UTC. */
export interface RunRead {
  id: string;
  name: string;
  status: RunStatus;
  owner: string;
  /** The sweep it was asked for with. */
  sweep_id?: string | null;
  /** The run that it was cloned from. */
  parent_id?: string | null;
  /** Shared by runs that differ only in their seed. */
  group_key: string;
  tags: string[];
  notes: string;
  archived: boolean;
  /** What was asked of it and it has not followed yet. */
  requested?: "pause" | "stop" | null;
  /** How often it was set back to iteration 0. */
  rewinds: number;
  /** 1 is next; null if it is not queued. */
  queue_position?: number | null;
  /** What who asks can do with it now. */
  allowed_actions: string[];
  config: TrainingConfig;
  /** What people called the data set when the run was asked for. */
  dataset_name: string;
  /** Rows and columns where a sample is a picture, else its length. */
  sample_shape: number[];
  /** Iterations done. */
  iteration: number;
  /** Iterations asked for. */
  iterations: number;
  /** Speed when last heard of; null before the first news. */
  iterations_per_second?: number | null;
  /** Batch losses computed so far. */
  forward_passes: number;
  /** Seconds spent training and measuring, waiting not counted. */
  training_seconds: number;
  /** Last measured, mean over replicates, 0..1. */
  train_accuracy?: number | null;
  /** Last measured, mean over replicates, 0..1. */
  validation_accuracy?: number | null;
  /** Best so far, mean over replicates, 0..1. */
  best_validation_accuracy?: number | null;
  /** Where the best was measured. */
  best_iteration?: number | null;
  created_at: string;
  /** When it was first given to a worker. */
  started_at?: string | null;
  finished_at?: string | null;
  /** What happened and what to do: for failed runs, and for those that the server had to pause. */
  error?: string | null;
  /** SHA-256 of the data the worker trained on. */
  dataset_hash?: string | null;
  /** Versions and machine, as the worker reported them. */
  provenance?: Record<string, unknown> | null;
}

/** A run in a table: what a row shows, and no more. */
export interface RunRow {
  kind: "run";
  /** 1 under a group. */
  depth: number;
  id: string;
  name: string;
  status: RunStatus;
  requested?: "pause" | "stop" | null;
  queue_position?: number | null;
  allowed_actions: string[];
  iteration: number;
  iterations: number;
  iterations_per_second?: number | null;
  training_seconds: number;
  validation_accuracy?: number | null;
  best_validation_accuracy?: number | null;
  best_iteration?: number | null;
  /** Iteration, validation accuracy in 0..1, in a few points. */
  curve: number[][];
  dataset_name: string;
  /** The settings that tell one network and one method from another. */
  config: Record<string, unknown>;
  owner: string;
  tags: string[];
  archived: boolean;
  sweep_id?: string | null;
  created_at: string;
  error?: string | null;
}

/** Status of a run in its life from the queue to its end. */
export type RunStatus = "queued" | "running" | "paused" | "succeeded" | "stopped" | "failed";

/** A window of the table of runs. */
export interface RunTable {
  rows: (RunRow | GroupRow)[];
  /** Rows of the whole table. */
  total: number;
  /** Runs that are chosen by the filters. */
  runs: number;
  /** Runs outside the trash, whatever the filters. */
  stored: number;
}

/** What people may change on a run. What is left out, or null, stays. */
export interface RunUpdate {
  name?: string | null;
  notes?: string | null;
  tags?: string[] | null;
  /** Archived runs are kept and not listed. */
  archived?: boolean | null;
}

/** One action on several runs. */
export interface RunsAction {
  action: "pause" | "resume" | "stop" | "archive" | "unarchive" | "tag" | "untag" | "delete" | "restore";
  /** What to add (tag) or take away (untag). */
  tags?: string[];
  ids: string[];
}

/** What became of an action, run by run, in the order asked. */
export interface RunsActionResults {
  results: RunActionResult[];
}

/** What the live feed of the list of runs sends: runs that are new or have changed, ids of those deleted. */
export interface RunsFrame {
  runs: RunRow[];
  removed: string[];
  /** Ids of the queued runs in the order of their turns. */
  queue?: string[] | null;
}

/** Factors by which a projector's page is larger than the usual one. */
export interface Scale {
  type: number;
  figures: number;
}

/** All of it. */
export interface ScriptData {
  palettes: Record<"light" | "dark", Record<string, string>>;
  templates: Record<string, Record<string, unknown>>;
  projector: Scale;
  statuses: Record<RunStatus, StatusWord>;
  limits: ScriptLimits;
  ceilings: number[];
}

/** Limits of what people type and choose, as the server holds them. */
export interface ScriptLimits {
  name: number;
  notes: number;
  tag: number;
  tags: number;
  iterations: number;
  compared: number;
  at_once: number;
}

/** A stored copy of the weights. */
export interface SnapshotRead {
  iteration: number;
}

/** How a status is called, and whether a run that has it is over. */
export interface StatusWord {
  word: string;
  is_final: boolean;
}

/** Runs to be queued together: `config` with every combination of `grid`, or a list of configurations. */
export interface SweepCreate {
  /** How people call it. Empty: made from what varies. */
  name?: string | null;
  /** Whose runs they are. */
  owner?: string;
  /** Words to find the runs by. */
  tags?: string[];
  /** What all runs share; left-out settings take their defaults. */
  config?: Partial<TrainingConfig>;
  /** Values of each setting that varies; a run is queued for every combination. */
  grid?: Record<string, unknown[]> | null;
  /** Instead of a grid: what each run changes on `config`. */
  configs?: Record<string, unknown>[] | null;
}

/** One page of a list of sweeps. */
export interface SweepPage {
  items: SweepRead[];
  total: number;
  limit: number;
  offset: number;
}

/** A sweep and how far it is. */
export interface SweepRead {
  id: string;
  name: string;
  owner: string;
  created_at: string;
  /** How many it has; those in the trash are not counted. */
  runs: number;
  /** How many of them are in which status. */
  by_status: Record<RunStatus, number>;
  /** In the order of the combinations. */
  run_ids: string[];
  /** What was asked for. */
  spec: Record<string, unknown>;
}

/** One synapse at one iteration, and what it would do next. */
export interface SynapseRead {
  iteration: number;
  replicate: number;
  /** 0 is the layer that sees the inputs. */
  layer: number;
  /** 0 is the bias, 1 the first input of the layer. */
  input: number;
  /** 0 is the first unit of the layer. */
  unit: number;
  /** Whether the run is training and this is its newest look, not a stored snapshot. */
  live: boolean;
  weight: number;
  /** At iteration 0; null where that snapshot is not stored. */
  first_weight?: number | null;
  /** The last h actions, -1, 0 or +1, oldest first; empty without a policy. */
  actions: number[];
  /** The last h rewards, -1, +1, or 0 where there was none yet, oldest first. */
  rewards: number[];
  /** Its place in the table: last actions, last rewards. */
  state?: number[] | null;
  /** Q of down, stay and up in that state. */
  values: number[];
  /** How often any synapse took each of them there. */
  visits: number[];
  /** -1, 0 or +1: what it does unless it explores; where actions are drawn, the likeliest. */
  next_action?: number | null;
  /** Of down, stay and up. Where the temperature is 0, the action of the highest value has all that exploration leaves; above 0 the three have softmax(values / temperature) of it. */
  probabilities: number[];
  /** How far a step of it would move the weight. */
  next_step?: number | null;
  /** Of the policy it acts by: 0 for one that takes the highest value, above 0 for one that draws; null without a policy. */
  temperature?: number | null;
}

/** A token to be made. */
export interface TokenCreate {
  name: string;
  /** viewer: a token that only looks. Empty: one's own role. */
  role?: Partial<Role> | null;
}

/** A token that was just made. */
export interface TokenCreated {
  id: string;
  name: string;
  role: Role;
  owner: string;
  created_at: string;
  used_at?: string | null;
  /** Send it as `Authorization: Bearer ...`. It is shown this once. */
  token: string;
}

/** A token, without what makes it one. */
export interface TokenRead {
  id: string;
  name: string;
  role: Role;
  owner: string;
  created_at: string;
  used_at?: string | null;
}

/** What to train, on what, how and for how long. Immutable; unknown settings are refused. */
export interface TrainingConfig {
  /** The pictures or points that the network learns to tell apart. */
  dataset: string;
  /** Settings of a generated data set, such as size, noise and seed. Empty: its defaults. */
  dataset_parameters: Record<string, boolean | number | string>;
  /** Share of the samples held back to measure what the network does with samples it never saw. */
  validation_fraction: number;
  /** Chooses which samples are held back. The split is stratified: each class gives its share. */
  split_seed: number;
  /** Units of each hidden layer, from the input on. Empty: inputs are joined to outputs directly. */
  hidden_layers: number[];
  /** What a hidden unit does with its input. Gradient descent can't train step and sign. */
  activation: "relu" | "tanh" | "sigmoid" | "identity" | "step" | "sign";
  /** What is to fall. The reward of all synapses is whether it did. */
  loss: "cross_entropy" | "l_p" | "logistic" | "squared_error";
  /** Exponent of the l_p loss, the mean of (1 - p_correct)^p. */
  loss_exponent: number;
  /** Distribution of the weights before the first iteration. Biases start at 0. */
  initialisation: "uniform" | "normal" | "glorot_uniform" | "he_normal";
  /** Half width of the uniform, standard deviation of the normal distribution. */
  initial_scale: number;
  /** Synaptic reinforcement learning, or gradient descent as the baseline. */
  method: "synaptic" | "gradient";
  /** How often every synapse acts. */
  iterations: number;
  /** Samples on which the loss is measured. More than there are: all of them, and no redraw. */
  batch_size: number;
  /** Iterations on one batch before the next is drawn. */
  batch_interval: number;
  /** Networks trained side by side on the same split and mini-batches, each with first weights, exploration, rewards and adaptive table of its own; shown as mean with a band. */
  replicates: number;
  /** Start of all randomness but the split's. The same seed gives the same run. */
  seed: number;
  /** The Q table that all synapses share: which action follows which actions and rewards, or how likely each is. */
  policy: string;
  /** Another table for the biases. Empty: they share the weights' table. */
  bias_policy?: string | null;
  /** How many past actions and rewards a synapse remembers. Empty: what the policy was made for. */
  history?: number | null;
  /** How far one action moves a weight. */
  step_size: number;
  /** Constant, falling linearly or as a cosine to its final share, or switched to it at an iteration. */
  step_size_schedule: "constant" | "linear" | "cosine" | "switch";
  /** What is left of the step size at the end of its schedule: 0.03 is 3 %. */
  step_size_final_share: number;
  /** Iteration from which the final share holds. */
  step_size_switch_at: number;
  /** Probability that a synapse acts at random instead of by its table. Policies that draw their actions need none. */
  exploration: number;
  /** Constant, falling linearly or as a cosine to its final share, or switched to it at an iteration. */
  exploration_schedule: "constant" | "linear" | "cosine" | "switch";
  /** What is left of the exploration at the end of its schedule: 0.1 is 10 %. */
  exploration_final_share: number;
  /** Iteration from which the final share holds. */
  exploration_switch_at: number;
  /** Iterations over which linear and cosine schedules fall; they stay at their end after. Empty: the run's iterations. */
  schedule_iterations?: number | null;
  /** A bias moves by this many step sizes. The authors' code uses 2. */
  bias_step_factor: number;
  /** Clean: the new batch is measured before the next action, so that the reward compares like with like. Reference: as the authors' code, the new batch's loss is compared with the old batch's. */
  redraw_reward: "clean" | "reference";
  /** The table learns by Q-learning while the network trains. Off: the table is static. */
  adaptive: boolean;
  /** How far one Q-learning update moves an entry towards its target. */
  learning_rate: number;
  /** How much the table counts later rewards. */
  discount: number;
  /** Synchronous: targets from the table as it stood before the iteration. Sequential: synapse after synapse, as the authors' code; slow, for comparison. */
  q_update: "synchronous" | "sequential";
  /** Stochastic gradient descent (with momentum if set), or Adam. */
  optimizer: "sgd" | "adam";
  /** How far a gradient moves the weights. */
  gradient_learning_rate: number;
  /** Share of the last step that is kept in the next. */
  momentum: number;
  /** Iterations between two measurements on the whole training and validation sets. */
  evaluate_every: number;
  /** Iterations between two stored copies of the weights and the table. */
  snapshot_every: number;
  /** Validation accuracy (mean over replicates) at which the run ends early. Empty: never. */
  target_accuracy?: number | null;
  /** Iteration at which a run below the least accuracy is ended as failed. The paper: 25,000. */
  give_up_after?: number | null;
  /** Training accuracy below which a run is given up. The paper: 0.2. */
  give_up_below: number;
}

/** What was sent, looked at and not yet saved. */
export interface UploadPreview {
  /** Names these files when they are saved or looked at again. */
  upload: string;
  expires_at: string;
  files: string[];
  /** What the data set will be called if nothing else is said. */
  name: string;
  /** Of a CSV, one of which holds the class; else empty. */
  columns: string[];
  label_column?: string | null;
  /** Null while no column is chosen that can be the class. */
  preview?: DatasetPreview | null;
  /** Why the chosen column can't be the class. */
  problem?: string | null;
}

/** The weights of one replicate at one iteration. */
export interface Weights {
  iteration: number;
  replicate: number;
  /** A layer has one scale for all its replicates. */
  layers: LayerWeights[];
}
