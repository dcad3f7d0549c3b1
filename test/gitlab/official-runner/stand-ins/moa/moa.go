// Package moa stands in for GitLab's expression language, which the runner needs for `run:` and job inputs only.
package moa

import (
	"errors"

	"gitlab.com/gitlab-org/moa/ast"
)

// ParseTemplate is called where a job has inputs.
func ParseTemplate(string) (ast.Expr, error) { return nil, errors.New("job inputs are not built in") }

// EscapeTemplate is called for concrete steps only.
func EscapeTemplate(text string) string { return text }
