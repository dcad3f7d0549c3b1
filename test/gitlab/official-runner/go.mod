module slipway.example/official-runner

go 1.26

require gitlab.com/gitlab-org/gitlab-runner v1.11.1-0.20260903214710-fc1f1862bd91

exclude github.com/moby/moby v28.5.2+incompatible
