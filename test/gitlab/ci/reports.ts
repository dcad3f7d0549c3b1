/** The format in which each type of artifact has to come; a type that is not here is none. */
export const artifactFormats: Readonly<Record<string, string>> = {
  archive: 'zip',
  metadata: 'gzip',
  trace: 'raw',
  junit: 'gzip',
  metrics: 'gzip',
  metrics_referee: 'gzip',
  network_referee: 'gzip',
  dotenv: 'gzip',
  cobertura: 'gzip',
  jacoco: 'gzip',
  cluster_applications: 'gzip',
  lsif: 'zip',
  cyclonedx: 'gzip',
  annotations: 'gzip',
  repository_xray: 'gzip',
  accessibility: 'raw',
  codequality: 'raw',
  sast: 'raw',
  secret_detection: 'raw',
  dependency_scanning: 'raw',
  container_scanning: 'raw',
  cluster_image_scanning: 'raw',
  dast: 'raw',
  license_scanning: 'raw',
  performance: 'raw',
  browser_performance: 'raw',
  load_performance: 'raw',
  terraform: 'raw',
  requirements: 'raw',
  requirements_v2: 'raw',
  coverage_fuzzing: 'raw',
  api_fuzzing: 'raw',
};

/** The formats of what may stand in `artifacts:reports`. */
export const reportFormats: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(artifactFormats).filter(([type]) => !['archive', 'metadata', 'trace'].includes(type)),
);

/** The file name with which a report is uploaded, where it has one. */
export const reportNames: Readonly<Record<string, string>> = {
  junit: 'junit.xml',
  metrics: 'metrics.txt',
  dotenv: '.env',
  cobertura: 'cobertura-coverage.xml',
  jacoco: 'jacoco-coverage.xml',
  lsif: 'lsif.json',
  cyclonedx: 'gl-sbom.cdx.json',
  annotations: 'gl-annotations.json',
  accessibility: 'gl-accessibility.json',
  codequality: 'gl-code-quality-report.json',
  sast: 'gl-sast-report.json',
  terraform: 'tfplan.json',
  requirements: 'requirements.json',
};
