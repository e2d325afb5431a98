// Types of the data that pages and server exchange. Written by `python -m scripts.web_types`, not by hand.
//
// Of what the server sends, a property that can be null can also be absent: live frames leave nulls out.

/** Ids of dashboard/ids.py. */
export type NamedId = "accuracy" | "actions" | "actions-layer" | "actions-sink" | "baseline-note" | "board" | "class-news" | "class-now" | "class-session" | "compare-confusion" | "compare-confusion-ask" | "compare-controls" | "compare-curves" | "compare-differences" | "compare-distribution" | "compare-groups" | "compare-headline" | "compare-mounted" | "compare-page" | "compare-parallel" | "compare-picker" | "compare-problem" | "compare-settings" | "compare-weights" | "compare-weights-controls" | "confusion" | "content" | "datasets-mounted" | "datasets-page" | "failed-sign-ins" | "join-links" | "layers" | "learn" | "learn-mounted" | "lesson" | "lesson-mounted" | "loss" | "mistakes" | "nav-compare" | "new-form" | "new-mounted" | "new-page" | "new-run" | "new-run-menu" | "news" | "paper" | "paper-curves-784-10" | "paper-curves-784-32-10" | "paper-mounted" | "people-mounted" | "people-refusal" | "people-table" | "person-name" | "personal-code" | "playground" | "playground-mounted" | "policies" | "policies-mounted" | "policy" | "projector" | "reward" | "route-sink" | "run-actions" | "run-bar" | "run-error" | "run-log" | "run-message" | "run-mounted" | "run-name" | "run-note" | "run-notes" | "run-page" | "run-progress" | "run-progress-words" | "run-provenance" | "run-rename" | "run-tabs" | "run-tabs-sink" | "run-tags" | "runs-bulk" | "runs-count" | "runs-grid" | "runs-mounted" | "runs-none-clear" | "runs-page" | "runs-toolbar" | "seat" | "settings-mounted" | "show-baseline" | "show-replicates" | "start-error" | "states" | "states-controls" | "synapse" | "synrl-theme" | "time" | "tokens" | "upload-panel" | "url" | "weights" | "weights-cells" | "weights-exact" | "weights-layer" | "weights-measure" | "weights-sink" | "weights-view";

/** An id of dashboard/ids.py, or of a part of a panel. */
export type ElementId = NamedId | `${NamedId}-graph` | `${NamedId}-now` | `${NamedId}-alternative` | `${NamedId}-title`;

/** Functions that dashboard/components/runs_grid.py names. */
export type GridFunction = "synrlAgo" | "synrlColumnsChanged" | "synrlDurationWords" | "synrlGridTheme" | "synrlIsGroup" | "synrlIsMember" | "synrlLocalTime" | "synrlMethod" | "synrlNetwork" | "synrlOpenRun" | "synrlProgress" | "synrlRunKey" | "synrlTags";

/** Renderers of cells that it names. */
export type GridComponent = "RunAccuracy" | "RunBest" | "RunChoose" | "RunCurve" | "RunMore" | "RunName" | "RunProgress" | "RunStatus" | "RunTags";

export interface Acknowledged {
  activity_id: string;
  slot: string;
  value: number;
  at: string;
}

export interface Actions {
  iteration: number[];
  layers: LayerActions[];
}

export interface ActivityAction {
  action: string;
  value?: number | null;
  phase?: string | null;
}

export interface ActivityRead {
  id: string;
  number: number;
  kind: "vote" | "synapse" | "table" | "pooled" | "lesson" | "free";
  title: string;
  phase: string;
  created_at: string;
  ended_at?: string | null;
  answers: number;
}

export interface AnswerCreate {
  activity_id: string;
  slot: string;
  value: number;
}

export interface ArmDifference {
  mean: number;
  low?: number | null;
  high?: number | null;
  samples: number;
}

export interface ArmRead {
  key: string;
  part: "784-10" | "784-32-10" | "activations" | "shapes" | "tasks" | "sequences";
  title: string;
  paper?: number | null;
  iterations: number;
  step_size?: number | null;
  trials: number;
  samples: number;
  failed: number;
  mean?: number | null;
  deviation?: number | null;
  low?: number | null;
  high?: number | null;
  baseline?: string | null;
  difference?: ArmDifference | null;
  seconds?: number | null;
  forward_passes?: number | null;
  values: Record<string, number>;
  failures: Record<string, string>;
  run_ids: Record<string, string>;
}

export interface Baseline {
  run?: RunRead | null;
  possible: boolean;
  reason?: string | null;
}

export interface BestRunRead {
  id: string;
  name: string;
  validation_accuracy: number;
}

export interface BoardFree {
  id: string;
  number: number;
  title: string;
  phase: string;
  closes_at?: string | null;
  kind: "free";
  address: string;
  note: string;
}

export interface BoardLesson {
  id: string;
  number: number;
  title: string;
  phase: string;
  closes_at?: string | null;
  kind: "lesson";
  lesson_id: string;
  step: number;
  step_id: string;
  steps: number;
  address: string;
  at_step: number[];
}

export interface BoardPooled {
  id: string;
  number: number;
  title: string;
  phase: string;
  closes_at?: string | null;
  kind: "pooled";
  varied: "step_size" | "exploration" | "seed" | "learning_rate" | "discount";
  measure: "accuracy" | "loss";
  values: number[];
  done: number;
  of: number;
  dots: Dot[];
  groups: Group[];
  curves: Curve[];
}

export interface BoardSynapse {
  id: string;
  number: number;
  title: string;
  phase: string;
  closes_at?: string | null;
  kind: "synapse";
  round: number;
  rounds: number;
  sizes: number[];
  synapses: number;
  chosen: number;
  asked: number;
  scene: Record<string, unknown>;
  taken: number[];
  weights: number[];
  losses: number[];
  lamps: boolean[];
  accuracy: number[];
  down_stay_up: number[];
}

export interface BoardTable {
  id: string;
  number: number;
  title: string;
  phase: string;
  closes_at?: string | null;
  kind: "table";
  counts: number[][][];
  decisions: number;
  done: number;
  of: number;
  curves: Curve[];
  policy?: string | null;
}

export interface BoardView {
  session_id: string;
  title: string;
  server_start: string;
  version: number;
  now: string;
  closed: boolean;
  paused: boolean;
  pace: "together" | "free";
  gathering: number;
  code?: string | null;
  count?: number | null;
  activity?: BoardVote | BoardSynapse | BoardTable | BoardPooled | BoardLesson | BoardFree | null;
  showing: string[];
}

export interface BoardVote {
  id: string;
  number: number;
  title: string;
  phase: string;
  closes_at?: string | null;
  kind: "vote";
  question: string;
  options: string[];
  twice: boolean;
  answered: number;
  asked: number;
  first?: number[] | null;
  second?: number[] | null;
  right?: number | null;
  explanations?: string[] | null;
}

export interface BowlConfig {
  generations?: number;
  starts?: number;
  population?: number;
  synapses?: number;
  iterations?: number;
  settling?: number;
}

export interface BreedingConfig {
  name?: string;
  seed?: number;
  history?: number;
  schools?: string[];
  parents?: number;
  parent_iterations?: number;
  learning_rate?: number;
  discount?: number;
  exploration?: number;
  step_size?: number;
  tasks?: synrl_core__breeding__racing__RaceTask[];
  generations?: number;
  population?: number;
  elite?: number;
  first_history?: number | null;
  first_generations?: number;
  hand_written_parent?: boolean;
  bowl?: BowlConfig;
  race_iterations?: number;
  race_seeds?: number;
  final_iterations?: number;
  final_seeds?: number;
  final_tasks?: synrl_core__breeding__racing__RaceTask[];
  budget?: number | null;
}

export interface BreedingCreate {
  owner?: string;
  config: BreedingConfig;
}

export interface BreedingRead {
  id: string;
  name: string;
  owner: string;
  status: RunStatus;
  config: Record<string, unknown>;
  forward_passes: number;
  total_passes: number;
  curve: BreedingScore[];
  lines: string[];
  policy_ids: string[];
  allowed_actions: string[];
  error?: string | null;
  created_at: string;
  started_at?: string | null;
  finished_at?: string | null;
}

export interface BreedingScore {
  of: string;
  generation: number;
  score: number;
}

export interface BundleImported {
  runs: ImportedRun[];
  missing_datasets: BundledDataset[];
}

export interface BundledDataset {
  id: string;
  name: string;
  built_in: boolean;
  content_hash?: string | null;
}

export interface Change {
  iteration: number;
  setting: "step_size" | "exploration" | "policy" | "adaptive" | "learning_rate" | "discount" | "gradient_learning_rate" | "corruption" | "truth" | "weight" | "cell";
  value: boolean | number | string | number[] | Table;
}

export interface ClassChoice {
  name: string;
  place: number;
}

export interface CompareState {
  runs: string[];
  sweep: string | null;
  metric: "validation_accuracy" | "train_accuracy" | "validation_loss" | "train_loss" | "reward_rate";
  x: "iteration" | "forward_passes" | "seconds";
  statistic: "final" | "best";
  smoothing: number;
  group: string | null;
  baseline: string | null;
  members: string | null;
  log_x: boolean;
  log_y: boolean;
}

export interface ComparedCurve {
  run?: string | null;
  x: number[];
  mean: (number | null)[];
  smooth?: (number | null)[] | null;
  deviation?: (number | null)[] | null;
  samples: number;
}

export interface ComparedGroup {
  key: string;
  label: string;
  settings: Record<string, unknown>;
  runs: string[];
  values: (number | null)[];
  samples: number;
  copies: number;
  mean?: number | null;
  deviation?: number | null;
  lowest?: number | null;
  highest?: number | null;
  is_baseline: boolean;
  difference?: Difference | null;
  curve: ComparedCurve;
  members: ComparedCurve[];
}

export interface ComparedGroupRow {
  label: string;
  runs: string[];
  style: LineStyle;
  members: string;
  mean: string;
  deviation: string;
  samples: string;
  is_baseline: boolean;
  is_opened: boolean;
  difference: DifferenceWords | null;
}

export interface ComparedRun {
  id: string;
  name: string;
  status: RunStatus;
  group: string;
  seed: number;
  replicates: number;
  iteration: number;
  forward_passes: number;
  seconds: number;
  values: (number | null)[];
  mean?: number | null;
  copy_of?: string | null;
}

export interface ComparedRunRow {
  id: string;
  name: string;
  style: LineStyle;
  status: RunStatus;
  copy: string;
  settings: string[];
  result: string;
  iterations: string;
}

export interface ComparedSetting {
  name: string;
  title: string;
  symbol?: string | null;
  values: unknown[];
}

export interface Comparison {
  options: ComparisonOptions;
  runs: ComparedRun[];
  missing: string[];
  settings: ComparedSetting[];
  grouped_by: string[];
  groups: ComparedGroup[];
}

export interface ComparisonOptions {
  metric: "validation_accuracy" | "train_accuracy" | "validation_loss" | "train_loss" | "reward_rate";
  x: "iteration" | "forward_passes" | "seconds";
  statistic: "final" | "best";
  smoothing: number;
  group_by?: string[] | null;
  baseline?: string | null;
  members: string[];
  max_points: number;
  log_x: boolean;
}

export interface ComparisonView {
  problem: string;
  headline: string;
  figures: Record<string, PlotlyFigure | null>;
  settings: SettingChoice[];
  grouped_by: string[];
  groups: ComparedGroupRow[];
  is_pinned: boolean;
  runs: ComparedRunRow[];
  result_title: string;
  live: string[];
  missing: string[];
}

export interface Confusion {
  iteration: number;
  replicate: number;
  samples: number;
  right: number;
  classes: number[];
  class_names: string[];
  class_samples: number[];
  counts: number[][];
  all_classes: number;
}

export interface ConfusionsView {
  figure: PlotlyFigure | null;
  problem: string;
}

export interface Curve {
  label: string;
  value?: number | null;
  runs: number;
  iterations: number[];
  mean: number[];
  low: (number | null)[];
  high: (number | null)[];
}

export interface DatasetClass {
  name: string;
  samples: number;
  picture?: string | null;
}

export interface DatasetDetail {
  id: string;
  name: string;
  group: "pictures" | "boundaries" | "sequences" | "tables";
  built_in: boolean;
  description: string;
  licence?: string | null;
  source: string;
  citation?: string | null;
  samples: number;
  sample_shape: number[];
  classes: DatasetClass[];
  scaling?: string | null;
  remarks: string[];
  content_hash?: string | null;
  files: string[];
  bytes?: number | null;
  owner?: string | null;
  created_at?: string | null;
  preview: DatasetPreview;
}

export interface DatasetPreview {
  samples: number;
  sample_shape: number[];
  classes: DatasetClass[];
  scaling: string;
  remarks: string[];
  feature_names: string[];
  rows: DatasetRow[];
  points?: number[][] | null;
}

export interface DatasetRead {
  id: string;
  name: string;
  group: "pictures" | "boundaries" | "sequences" | "tables";
  built_in: boolean;
  description: string;
  licence?: string | null;
  source: string;
  citation?: string | null;
  samples: number;
  sample_shape: number[];
  classes: DatasetClass[];
  scaling?: string | null;
  remarks: string[];
  content_hash?: string | null;
  files: string[];
  bytes?: number | null;
  owner?: string | null;
  created_at?: string | null;
}

export interface DatasetRow {
  class_name: string;
  values: number[];
}

export interface DatasetUpdate {
  name?: string | null;
  class_names?: string[] | null;
}

export interface DerivedPolicy {
  how: "cross" | "mutate" | "freeze";
  parents: string[];
  name?: string | null;
  seed?: number;
  share?: number;
  changes?: number;
  symmetric?: boolean;
  notes?: string;
  tags?: string[];
}

export interface Difference {
  mean: number;
  low?: number | null;
  high?: number | null;
  method: "paired" | "welch" | "equal" | "none";
  samples: number;
  baseline_samples: number;
}

export interface DifferenceWords {
  mean: string;
  interval: string;
  method: string;
}

export interface Done {
  act: "step" | "back" | "play" | "choose" | "change" | "cell" | "slow" | "judge" | "reach" | "side";
  times: number;
  iteration?: number | null;
  setting?: string | null;
  value: unknown;
}

export interface Dot {
  x: number;
  y: number;
}

export interface FigureRead {
  part: "784-10" | "784-32-10" | "activations" | "shapes" | "tasks" | "sequences";
  title: string;
  svg: string;
}

export interface Flag {
  rule: "offline" | "idle" | "wrong" | "hand";
  words: string;
}

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
  low?: number;
  high?: number;
  symbol?: string;
  unit?: string;
  advanced?: boolean;
  applies_to?: Record<string, unknown[]>;
  options?: Option[];
}

export interface Frame {
  reset: boolean;
  run?: RunRead | null;
  progress?: RunProgress | null;
  metrics?: Metrics | null;
  actions?: Actions | null;
  weights?: Weights | null;
  policy?: PolicyRead | null;
  measured_at?: number | null;
  deleted?: boolean | null;
}

export interface FreeCreate {
  kind?: "free";
  title?: string;
  address?: string;
  note?: string;
}

export interface Group {
  x: number;
  runs: number;
  mean: number;
  low?: number | null;
  high?: number | null;
}

export interface GroupCurve {
  iterations: number;
  runs: number;
  points: number[][];
}

export interface GroupRow {
  kind: "group";
  id: string;
  key: string;
  name: string;
  differs: Record<string, unknown>;
  runs: number;
  copies: number;
  run_ids: string[];
  by_status: Record<RunStatus, number>;
  iteration: number;
  iterations: number;
  training_seconds: number;
  validation_accuracy?: number | null;
  validation_accuracy_deviation?: number | null;
  best_validation_accuracy?: number | null;
  best_validation_accuracy_deviation?: number | null;
  curve?: GroupCurve | null;
  dataset_name?: string | null;
  config?: Record<string, unknown> | null;
  owner?: string | null;
  created_at: string;
}

export interface GuessingRead {
  address: string;
  failures: number;
  seconds_ago: number;
}

export interface HandRaise {
  text?: string;
}

export interface Health {
  status: string;
}

export interface ImportedRun {
  id: string;
  original_id: string;
  name: string;
}

export interface JoinLinkCreate {
  role?: "student" | "viewer";
  hours?: number;
}

export interface JoinLinkRead {
  code: string;
  role: Role;
  created_at: string;
  expires_at: string;
}

export interface JoinLock {
  key: string;
  where: "browser" | "address";
  address: string;
  failures: number;
  seconds_ago: number;
}

export interface LayerActions {
  down: number[];
  stay: number[];
  up: number[];
}

export interface LayerStates {
  name: string;
  units: number;
  shown: number;
  scale: number;
  data: string;
  spikes?: string | null;
  rates?: number[] | null;
}

export interface LayerWeights {
  rows: number;
  columns: number;
  scale: number;
  data: string;
  blocks: WeightBlock[];
}

export interface LearnedPolicy {
  name?: string | null;
  iteration?: number | null;
  replicate?: number;
  frozen?: boolean;
  notes?: string;
  tags?: string[];
}

export interface Lesson {
  id: string;
  number: number;
  title: string;
  teaches: string;
  minutes: number;
  paper: string;
  steps: LessonStep[];
  checks: Question[];
}

export interface LessonAnswers {
  id: string;
  answers: QuestionAnswer[];
}

export interface LessonCreate {
  kind?: "lesson";
  title?: string;
  lesson_id: string;
}

export interface LessonStep {
  id: string;
  title: string;
  paragraphs: string[];
  begins: StepScene;
  show: string[];
  light: string[];
  task: string;
  done?: Done | null;
  prediction?: Prediction | null;
}

export interface LessonSummary {
  id: string;
  number: number;
  title: string;
  teaches: string;
  minutes: number;
  steps: number;
}

export interface LettersRead {
  id: string;
  name: string;
  samples: number;
  content_hash?: string | null;
  kind: string;
  is_notmnist: boolean;
}

export interface LibraryPolicy {
  id: string;
  name: string;
  title: string;
  description: string;
  origin: Origin;
  history: number;
  temperature: number;
  exploration: number;
  owner?: string | null;
  parent?: PolicyParent | null;
  run_id?: string | null;
  notes: string;
  tags: string[];
  archived: boolean;
  created_at?: string | null;
  content_hash: string;
  runs: number;
  editable: boolean;
}

export interface LibraryPolicyDetail {
  id: string;
  name: string;
  title: string;
  description: string;
  origin: Origin;
  history: number;
  temperature: number;
  exploration: number;
  owner?: string | null;
  parent?: PolicyParent | null;
  run_id?: string | null;
  notes: string;
  tags: string[];
  archived: boolean;
  created_at?: string | null;
  content_hash: string;
  runs: number;
  editable: boolean;
  q: number[];
  probabilities: number[];
  mirror_symmetric: boolean;
  sentences: string[];
  lineage: Record<string, unknown>;
  parents: PolicyAncestor[];
  trained_on: string[];
  used_by: PolicyRun[];
}

export interface LineStyle {
  colour: string;
  dash: string;
}

export interface LogEntry {
  at: string;
  iteration: number;
  kind: string;
  words: string;
}

export interface Me {
  name: string;
  role: Role;
  signed_in: boolean;
  limits?: Record<string, number> | null;
}

export interface Metrics {
  iteration: number[];
  forward_passes: number[];
  seconds: number[];
  values: Record<string, (number | null)[]>;
  deviation?: Record<string, (number | null)[]> | null;
  replicates?: Record<string, ((number | null)[])[]> | null;
}

export interface Mistake {
  sample: number;
  label: number;
  named: number;
  label_name: string;
  named_name: string;
  certainty: number;
  certainty_of_truth: number;
  picture?: string | null;
  values?: number[] | null;
}

export interface Mistakes {
  iteration: number;
  replicate: number;
  samples: number;
  right: number;
  sample_shape: number[];
  feature_names: string[];
  mistakes: Mistake[];
}

export interface Named {
  id: string;
  name: string;
}

export interface NetworksView {
  figure: PlotlyFigure | null;
  layers: number;
  layer: number;
}

export interface Option {
  value: string;
  label: string;
  group?: string;
  help?: string;
}

export type Origin = "shipped" | "imported" | "learned" | "bred" | "derived" | "edited" | "class";

export type Outcome = "holds" | "does not hold" | "differs" | "not enough trials yet";

export interface OwnRun {
  value: number;
  seed: number;
  status: "ready" | "waiting" | "running" | "done" | "failed";
  y?: number | null;
  error?: string | null;
  iterations: number[];
  curve: number[];
}

export interface OwnSeat {
  id: string;
  number: number;
  name: string;
  hand?: string | null;
}

export interface PersonRead {
  id: string;
  name: string;
  role: Role;
  runs: number;
  training: number;
  waiting: number;
  best?: BestRunRead | null;
  created_at: string;
  seen_at: string;
  removed_at?: string | null;
}

export interface PersonalCode {
  name: string;
  code: string;
}

export interface Place {
  layer: number;
  source?: number | null;
  unit: number;
}

export interface Plan {
  runs: number;
  problems: PlanProblem[];
  configs?: Record<string, unknown>[] | null;
  estimate?: PlanEstimate | null;
  networks: PlanNetwork[];
  network?: PlanNetwork | null;
}

export interface PlanEstimate {
  seconds: number;
  total_seconds: number;
  basis: "runs_like_this" | "runs_of_this_server" | "model";
  basis_runs: number;
  memory_bytes: number;
  memory_available: number;
  forward_passes: number;
  workers: number;
  waiting: number;
}

export interface PlanNetwork {
  sizes: number[];
  synapses: number;
  samples: number;
  validation_samples: number;
  steps: number;
  is_recurrent: boolean;
  architecture: "feedforward" | "recurrent" | "spiking";
}

export interface PlanProblem {
  field: string;
  message: string;
  value: unknown;
}

export interface PlanRequest {
  config?: Record<string, unknown>;
  grid?: Record<string, unknown[]>;
}

export interface PlotlyFigure {
  data: Record<string, unknown>[];
  layout: Record<string, unknown>;
  height: number;
  least: number;
  alternative: string;
}

export interface PolicyAncestor {
  name: string;
  id?: string | null;
}

export interface PolicyCreate {
  name: string;
  title?: string;
  description?: string;
  q: number[];
  temperature?: number;
  exploration?: number;
  parent?: string | null;
  notes?: string;
  tags?: string[];
}

export interface PolicyKeep {
  name: string;
}

export interface PolicyParent {
  id: string;
  name?: string | null;
}

export interface PolicyRace {
  race_id: string;
  name: string;
  owner: string;
  created_at: string;
  tasks: string[];
  policies: number;
  state: "running" | "complete" | "stopped";
  is_there: boolean;
  place?: number | null;
  mean?: number | null;
  low?: number | null;
  high?: number | null;
  behind?: number | null;
  distinguishable: boolean;
}

export interface PolicyRead {
  iteration: number;
  replicate: number;
  history: number;
  table: number[];
  bias_table?: number[] | null;
  visits: number[];
  rewards: number;
  exploration: number;
  bias_exploration?: number | null;
  temperature: number;
  bias_temperature?: number | null;
}

export interface PolicyRun {
  id: string;
  name: string;
}

export interface PolicyUpdate {
  name?: string | null;
  notes?: string | null;
  tags?: string[] | null;
  archived?: boolean | null;
}

export interface PooledCreate {
  kind?: "pooled";
  title?: string;
  scene?: Record<string, unknown>;
  varied?: "step_size" | "exploration" | "seed" | "learning_rate" | "discount";
  values?: number[] | null;
  iterations?: number;
  measure?: "accuracy" | "loss";
  each_starts?: boolean;
}

export interface PositionUpdate {
  step?: number | null;
  address?: string | null;
  wrong?: number;
}

export interface Prediction {
  id: string;
  kind: "prediction" | "check";
  question: string;
  options: QuestionOption[];
  figure: "network" | "surface" | "curves" | "lamps" | "inspect";
  until: number;
}

export interface Preparation {
  letters: LettersRead;
  choices: LettersRead[];
  authors_table?: string | null;
  remarks: string[];
  scales: ScaleRead[];
  workers: number;
}

export interface Preset {
  id: string;
  title: string;
  description: string;
  seconds?: number | null;
  config: TrainingConfig;
}

export interface Problem {
  title: string;
  status: number;
  detail: string;
}

export interface ProblemDetail {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  errors?: Record<string, unknown>[] | null;
}

export interface Question {
  id: string;
  kind: "prediction" | "check";
  question: string;
  options: QuestionOption[];
}

export interface QuestionAnswer {
  id: string;
  right: string;
  explanations: Record<string, string>;
  told: string;
  measure?: Record<string, unknown> | null;
  ranges: Record<string, (number | null)[]>;
}

export interface QuestionOption {
  id: string;
  words: string;
}

export interface RaceCell {
  policy: string;
  task: number;
  samples: number;
  mean?: number | null;
  deviation?: number | null;
  low?: number | null;
  high?: number | null;
  step_size?: number | null;
  complete: boolean;
  bred_here: boolean;
  run_ids: string[];
}

export interface RaceCreate {
  name?: string | null;
  owner?: string;
  tags?: string[];
  policies: string[];
  tasks: backend__comparison__races_schemas__RaceTask[];
  seeds: number[];
  step_sizes?: number[];
  config?: Partial<TrainingConfig>;
}

export interface RaceRank {
  policy: string;
  mean: number;
  mean_low?: number | null;
  mean_high?: number | null;
  behind: number;
  low?: number | null;
  high?: number | null;
  distinguishable: boolean;
}

export interface RaceRead {
  id: string;
  name: string;
  owner: string;
  created_at: string;
  policies: string[];
  tasks: string[];
  seeds: number[];
  step_sizes: number[];
  forward_passes: number;
  state: "running" | "complete" | "stopped";
  by_status: Record<RunStatus, number>;
  cells: RaceCell[];
  ranking: RaceRank[];
  transfer: RaceTransfer[];
}

export interface RaceSummary {
  id: string;
  name: string;
  owner: string;
  created_at: string;
  policies: string[];
  tasks: string[];
  by_status: Record<RunStatus, number>;
}

export interface RaceTransfer {
  policy: string;
  trained_on: string[];
  own?: number | null;
  others?: number | null;
}

export interface Readiness {
  ready: boolean;
  checks: Record<string, string>;
}

export interface ReadingChoice {
  field: string;
  title: string;
  value: string;
  guessed: boolean;
  options: ReadingOption[];
}

export interface ReadingOption {
  value: string;
  title: string;
}

export interface ReproductionCreate {
  scale?: "quick" | "standard" | "paper";
  trials?: number | null;
  dataset?: string | null;
  table?: "authors" | "learned" | null;
  parts?: ("784-10" | "784-32-10" | "activations" | "shapes" | "tasks" | "sequences")[];
  most_iterations?: number | null;
  again?: "continue" | "new";
  name?: string | null;
  owner?: string;
  tags?: string[];
}

export interface ReproductionRead {
  id: string;
  name: string;
  owner: string;
  created_at: string;
  scale: "quick" | "standard" | "paper";
  trials: number;
  by_status: Record<RunStatus, number>;
  parts: ("784-10" | "784-32-10" | "activations" | "shapes" | "tasks" | "sequences")[];
  most_iterations?: number | null;
  state: "running" | "paused" | "incomplete" | "complete";
  runs: number;
  done: number;
  seconds_left?: number | null;
  letters: LettersRead;
  table: TableRead;
  circumstances: string[];
  arms: ArmRead[];
  verdicts: VerdictRead[];
}

export interface ReproductionSummary {
  id: string;
  name: string;
  owner: string;
  created_at: string;
  scale: "quick" | "standard" | "paper";
  trials: number;
  by_status: Record<RunStatus, number>;
}

export type Role = "teacher" | "student" | "viewer";

export interface RunActionResult {
  id: string;
  run?: RunRead | null;
  problem?: Problem | null;
}

export interface RunClone {
  name?: string | null;
  owner?: string | null;
  changes?: Record<string, unknown>;
}

export interface RunCreate {
  name?: string | null;
  owner?: string;
  tags?: string[];
  notes?: string;
  config?: Partial<TrainingConfig>;
}

export interface RunExtend {
  iterations: number;
  from_iterations?: number | null;
}

export interface RunFacets {
  owners: string[];
  datasets: Named[];
  tags: string[];
  sweeps: Named[];
}

export interface RunPage {
  items: RunRead[];
  total: number;
  limit: number;
  offset: number;
}

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

export interface RunRead {
  id: string;
  name: string;
  status: RunStatus;
  owner: string;
  sweep_id?: string | null;
  parent_id?: string | null;
  group_key: string;
  tags: string[];
  notes: string;
  archived: boolean;
  requested?: "pause" | "stop" | null;
  rewinds: number;
  queue_position?: number | null;
  allowed_actions: string[];
  config: TrainingConfig;
  dataset_name: string;
  sample_shape: number[];
  iteration: number;
  iterations: number;
  iterations_per_second?: number | null;
  forward_passes: number;
  training_seconds: number;
  train_accuracy?: number | null;
  validation_accuracy?: number | null;
  best_validation_accuracy?: number | null;
  best_iteration?: number | null;
  created_at: string;
  started_at?: string | null;
  finished_at?: string | null;
  error?: string | null;
  dataset_hash?: string | null;
  provenance?: Record<string, unknown> | null;
}

export interface RunRow {
  kind: "run";
  depth: number;
  copy_of?: string | null;
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
  curve: number[][];
  dataset_name: string;
  config: Record<string, unknown>;
  owner: string;
  tags: string[];
  archived: boolean;
  sweep_id?: string | null;
  created_at: string;
  error?: string | null;
}

export type RunStatus = "queued" | "running" | "paused" | "succeeded" | "stopped" | "failed";

export interface RunTable {
  rows: (RunRow | GroupRow)[];
  total: number;
  runs: number;
  stored: number;
}

export interface RunUpdate {
  name?: string | null;
  notes?: string | null;
  tags?: string[] | null;
  archived?: boolean | null;
}

export interface RunsAction {
  action: "pause" | "resume" | "stop" | "archive" | "unarchive" | "tag" | "untag" | "delete" | "restore";
  tags?: string[];
  ids: string[];
}

export interface RunsActionResults {
  results: RunActionResult[];
}

export interface RunsFrame {
  runs: RunRow[];
  removed: string[];
  queue?: string[] | null;
}

export interface Scale {
  type: number;
  figures: number;
}

export interface ScaleRead {
  name: "quick" | "standard" | "paper";
  title: string;
  trials: number;
  runs: number;
  seconds: number;
}

export interface Scene {
  dataset?: "gaussians" | "xor" | "circles" | "moons" | "spirals" | "teacher" | "drawn";
  samples?: number;
  data_seed?: number;
  parameters?: Record<string, number | string>;
  added?: number[][];
  removed?: number[];
  validation_fraction?: number;
  hidden_layers?: number[];
  activation?: "relu" | "tanh" | "sigmoid" | "identity" | "step" | "sign";
  loss?: "cross_entropy" | "l_p" | "logistic" | "squared_error";
  loss_exponent?: number;
  initialisation?: "uniform" | "normal" | "glorot_uniform" | "he_normal";
  initial_scale?: number;
  method?: "synaptic" | "gradient";
  policy?: string | Table;
  step_size?: number;
  bias_step_factor?: number;
  exploration?: number;
  adaptive?: boolean;
  learning_rate?: number;
  discount?: number;
  q_update?: "synchronous" | "sequential";
  optimizer?: "sgd" | "adam";
  gradient_learning_rate?: number;
  momentum?: number;
  batch_size?: number;
  batch_interval?: number;
  seed?: number;
  corruption?: "none" | "inverted" | "delayed" | "coin" | "unreliable";
  truth?: number;
  changes?: Change[];
}

export interface ScriptData {
  palettes: Record<"light" | "dark", Record<string, string>>;
  templates: Record<string, Record<string, unknown>>;
  projector: Scale;
  statuses: Record<RunStatus, StatusWord>;
  limits: ScriptLimits;
  figure_tools: Record<string, unknown>;
  ceilings: number[];
}

export interface ScriptLimits {
  name: number;
  notes: number;
  tag: number;
  tags: number;
  iterations: number;
  compared: number;
  at_once: number;
}

export interface SeatCreate {
  code: string;
  name?: string;
}

export interface SeatUpdate {
  name: string;
}

export interface SessionCreate {
  title?: string;
  shows_count?: boolean;
}

export interface SessionPreview {
  code: string;
  title: string;
  seated: boolean;
  name: string;
  names_kept_hours: number;
}

export interface SessionRead {
  id: string;
  code?: string | null;
  title: string;
  owner: string;
  created_at: string;
  closed_at?: string | null;
  names_kept_until?: string | null;
  shows_count: boolean;
  paused: boolean;
  pace: "together" | "free";
  joining_open: boolean;
  gathering: number;
  seats: number;
  simulated: number;
  activities: number;
}

export interface SessionUpdate {
  title?: string | null;
  shows_count?: boolean | null;
  paused?: boolean | null;
  pace?: "together" | "free" | null;
  joining_open?: boolean | null;
}

export interface SettingChoice {
  name: string;
  title: string;
}

export interface Showing {
  seats: string[];
}

export interface SimulatedStudents {
  students: number;
}

export interface SnapshotRead {
  iteration: number;
}

export interface StatesRead {
  iteration: number;
  replicate: number;
  architecture: "recurrent" | "spiking";
  steps: number;
  samples: number;
  place: number;
  sample: number;
  label_name: string;
  named_name: string;
  class_names: string[];
  probabilities: number[];
  choices: ClassChoice[];
  inputs: StepGrid;
  layers: LayerStates[];
}

export interface StatusWord {
  word: string;
  is_final: boolean;
}

export interface StepGrid {
  name: string;
  units: number;
  shown: number;
  scale: number;
  data: string;
}

export interface StepScene {
  scene: Record<string, unknown>;
  side?: Record<string, unknown> | null;
  at: number;
  synapse: number;
  fresh: boolean;
}

export interface StudentFree {
  slot?: string | null;
  id: string;
  number: number;
  title: string;
  phase: string;
  closes_at?: string | null;
  kind: "free";
  address: string;
  note: string;
}

export interface StudentLesson {
  slot?: string | null;
  id: string;
  number: number;
  title: string;
  phase: string;
  closes_at?: string | null;
  kind: "lesson";
  lesson_id: string;
  step: number;
  step_id: string;
  steps: number;
  address: string;
  own_step?: number | null;
}

export interface StudentPooled {
  slot?: string | null;
  id: string;
  number: number;
  title: string;
  phase: string;
  closes_at?: string | null;
  kind: "pooled";
  varied: "step_size" | "exploration" | "seed" | "learning_rate" | "discount";
  measure: "accuracy" | "loss";
  values: number[];
  done: number;
  of: number;
  dots: Dot[];
  groups: Group[];
  curves: Curve[];
  own?: OwnRun | null;
}

export interface StudentSynapse {
  slot?: string | null;
  id: string;
  number: number;
  title: string;
  phase: string;
  closes_at?: string | null;
  kind: "synapse";
  round: number;
  rounds: number;
  sizes: number[];
  synapses: number;
  chosen: number;
  asked: number;
  synapse?: number | null;
  place?: Place | null;
  shared_by: number;
  chosen_move?: number | null;
  last_moves: number[];
  last_lamps: boolean[];
  played_for: boolean;
}

export interface StudentTable {
  slot?: string | null;
  id: string;
  number: number;
  title: string;
  phase: string;
  closes_at?: string | null;
  kind: "table";
  counts: number[][][];
  decisions: number;
  done: number;
  of: number;
  curves: Curve[];
  policy?: string | null;
  own: number[][][];
}

export interface StudentView {
  session_id: string;
  title: string;
  server_start: string;
  version: number;
  now: string;
  closed: boolean;
  paused: boolean;
  pace: "together" | "free";
  gathering: number;
  seat: OwnSeat;
  activity?: StudentVote | StudentSynapse | StudentTable | StudentPooled | StudentLesson | StudentFree | null;
}

export interface StudentVote {
  slot?: string | null;
  id: string;
  number: number;
  title: string;
  phase: string;
  closes_at?: string | null;
  kind: "vote";
  question: string;
  options: string[];
  twice: boolean;
  answered: number;
  asked: number;
  first?: number[] | null;
  second?: number[] | null;
  right?: number | null;
  explanations?: string[] | null;
  own_first?: number | null;
  own_second?: number | null;
}

export interface SweepCreate {
  name?: string | null;
  owner?: string;
  tags?: string[];
  config?: Partial<TrainingConfig>;
  grid?: Record<string, unknown[]> | null;
  configs?: Record<string, unknown>[] | null;
}

export interface SweepPage {
  items: SweepRead[];
  total: number;
  limit: number;
  offset: number;
}

export interface SweepRead {
  id: string;
  name: string;
  owner: string;
  created_at: string;
  runs: number;
  copies: number;
  by_status: Record<RunStatus, number>;
  run_ids: string[];
  spec: Record<string, unknown>;
}

export interface SynapseCreate {
  kind?: "synapse";
  title?: string;
  scene?: Record<string, unknown> | null;
  rounds?: number;
  seconds?: number | null;
  automatic?: boolean;
  rest_seconds?: number;
}

export interface SynapseRead {
  iteration: number;
  replicate: number;
  layer: number;
  input: number;
  unit: number;
  live: boolean;
  weight: number;
  first_weight?: number | null;
  actions: number[];
  rewards: number[];
  state?: number[] | null;
  values: number[];
  visits: number[];
  next_action?: number | null;
  probabilities: number[];
  next_step?: number | null;
  temperature?: number | null;
  exploration?: number | null;
  next_weights: number[];
  updates: SynapseUpdate[];
}

export interface SynapseUpdate {
  action: number;
  reward: number;
  value: number;
  next_state: number[];
  best_next: number;
  target: number;
  rate: number;
  new_value: number;
}

export interface Table {
  q: number[];
  temperature?: number;
  exploration?: number;
}

export interface TableCreate {
  kind?: "table";
  title?: string;
  with_simulated?: boolean;
  scene?: Record<string, unknown> | null;
  iterations?: number;
  seeds?: number;
}

export interface TableRead {
  name: string;
  source: "authors" | "learned";
  content_hash?: string | null;
}

export interface TeacherFree {
  id: string;
  number: number;
  title: string;
  phase: string;
  closes_at?: string | null;
  kind: "free";
  address: string;
  note: string;
}

export interface TeacherLesson {
  id: string;
  number: number;
  title: string;
  phase: string;
  closes_at?: string | null;
  kind: "lesson";
  lesson_id: string;
  step: number;
  step_id: string;
  steps: number;
  address: string;
  at_step: number[];
}

export interface TeacherPooled {
  id: string;
  number: number;
  title: string;
  phase: string;
  closes_at?: string | null;
  kind: "pooled";
  varied: "step_size" | "exploration" | "seed" | "learning_rate" | "discount";
  measure: "accuracy" | "loss";
  values: number[];
  done: number;
  of: number;
  dots: Dot[];
  groups: Group[];
  curves: Curve[];
  scene: Record<string, unknown>;
  failed: number;
}

export interface TeacherSeat {
  id: string;
  number: number;
  name: string;
  simulated: boolean;
  joined_at: string;
  online: boolean;
  slow_line: boolean;
  idle_seconds: number;
  step?: number | null;
  address?: string | null;
  answered: boolean;
  last_answer?: string | null;
  synapse?: number | null;
  hand_id?: string | null;
  hand?: string | null;
  flags: Flag[];
}

export interface TeacherSynapse {
  id: string;
  number: number;
  title: string;
  phase: string;
  closes_at?: string | null;
  kind: "synapse";
  round: number;
  rounds: number;
  sizes: number[];
  synapses: number;
  chosen: number;
  asked: number;
  scene: Record<string, unknown>;
  taken: number[];
  weights: number[];
  losses: number[];
  lamps: boolean[];
  accuracy: number[];
  down_stay_up: number[];
  by_table: number;
}

export interface TeacherTable {
  id: string;
  number: number;
  title: string;
  phase: string;
  closes_at?: string | null;
  kind: "table";
  counts: number[][][];
  decisions: number;
  done: number;
  of: number;
  curves: Curve[];
  policy?: string | null;
  policy_id?: string | null;
  scene: Record<string, unknown>;
}

export interface TeacherView {
  session_id: string;
  title: string;
  server_start: string;
  version: number;
  now: string;
  closed: boolean;
  paused: boolean;
  pace: "together" | "free";
  gathering: number;
  session: SessionRead;
  seats: TeacherSeat[];
  answered: number;
  asked: number;
  activity?: TeacherVote | TeacherSynapse | TeacherTable | TeacherPooled | TeacherLesson | TeacherFree | null;
  actions: string[];
  activities: ActivityRead[];
  showing: string[];
}

export interface TeacherVote {
  id: string;
  number: number;
  title: string;
  phase: string;
  closes_at?: string | null;
  kind: "vote";
  question: string;
  options: string[];
  twice: boolean;
  answered: number;
  asked: number;
  first?: number[] | null;
  second?: number[] | null;
  right?: number | null;
  explanations?: string[] | null;
  changed: number[][];
}

export interface TokenCreate {
  name: string;
  role?: Partial<Role> | null;
}

export interface TokenCreated {
  id: string;
  name: string;
  role: Role;
  owner: string;
  created_at: string;
  used_at?: string | null;
  token: string;
}

export interface TokenRead {
  id: string;
  name: string;
  role: Role;
  owner: string;
  created_at: string;
  used_at?: string | null;
}

export interface TrainingConfig {
  dataset: string;
  dataset_parameters: Record<string, boolean | number | string>;
  validation_fraction: number;
  split_seed: number;
  architecture: "feedforward" | "recurrent" | "spiking";
  hidden_layers: number[];
  activation: "relu" | "tanh" | "sigmoid" | "identity" | "step" | "sign";
  encoding: "direct" | "latency" | "rate" | "rows";
  steps: number;
  membrane_decay: number;
  threshold: number;
  recurrent_weights: boolean;
  loss: "cross_entropy" | "l_p" | "logistic" | "squared_error";
  loss_exponent: number;
  initialisation: "uniform" | "normal" | "glorot_uniform" | "he_normal";
  initial_scale: number;
  recurrent_initialisation: "drawn" | "identity";
  recurrent_scale: number;
  method: "synaptic" | "gradient";
  iterations: number;
  batch_size: number;
  batch_interval: number;
  replicates: number;
  seed: number;
  policy: string;
  bias_policy?: string | null;
  history?: number | null;
  step_size: number;
  step_size_schedule: "constant" | "linear" | "cosine" | "switch";
  step_size_final_share: number;
  step_size_switch_at: number;
  exploration?: number | null;
  exploration_schedule: "constant" | "linear" | "cosine" | "switch";
  exploration_final_share: number;
  exploration_switch_at: number;
  schedule_iterations?: number | null;
  bias_step_factor: number;
  redraw_reward: "clean" | "reference";
  adaptive: boolean;
  learning_rate: number;
  discount: number;
  q_update: "synchronous" | "sequential";
  optimizer: "sgd" | "adam";
  surrogate: "none" | "fast_sigmoid" | "arctan" | "straight_through";
  gradient_learning_rate: number;
  momentum: number;
  evaluate_every: number;
  snapshot_every: number;
  target_accuracy?: number | null;
  give_up_after?: number | null;
  give_up_below: number;
}

export interface UploadPreview {
  upload: string;
  expires_at: string;
  files: string[];
  name: string;
  columns: string[];
  label_column?: string | null;
  ignored_columns: string[];
  choices: ReadingChoice[];
  preview?: DatasetPreview | null;
  problem?: string | null;
}

export interface VerdictRead {
  key: string;
  title: string;
  figure: string;
  rule: string;
  outcome: Outcome;
  why: string;
  samples: number;
  mean?: number | null;
  low?: number | null;
  high?: number | null;
  parts: ("784-10" | "784-32-10" | "activations" | "shapes" | "tasks" | "sequences")[];
}

export interface VoteCreate {
  kind?: "vote";
  title?: string;
  lesson_id?: string | null;
  question_id?: string | null;
  question?: string | null;
  options?: string[] | null;
  right?: number | null;
  explanations?: string[] | null;
  twice?: boolean;
  seconds?: number | null;
}

export interface WeightBlock {
  source: string;
  kind: "bias" | "forward" | "recurrent";
  rows: number;
}

export interface Weights {
  iteration: number;
  replicate: number;
  layers: LayerWeights[];
}

export interface backend__comparison__races_schemas__RaceTask {
  name?: string | null;
  config?: Record<string, unknown>;
}

export interface synrl_core__breeding__racing__RaceTask {
  dataset: string;
  hidden_layers?: number[];
  step_size?: number;
  step_sizes?: number[];
  initial_scale?: number;
  samples?: number;
}
