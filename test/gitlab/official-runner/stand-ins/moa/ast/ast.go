// Package ast stands in for the syntax trees of GitLab's expression language.
package ast

// Expr is an expression.
type Expr interface {
	Walk(Visitor) (Expr, error)
}

// Visitor sees the nodes of an expression.
type Visitor interface {
	Enter(Expr) (Visitor, error)
	Exit(Expr) (Expr, error)
}

// Template is a text with expressions in it.
type Template struct{}

// Walk visits the template.
func (t *Template) Walk(v Visitor) (Expr, error) {
	if _, err := v.Enter(t); err != nil {
		return nil, err
	}
	return v.Exit(t)
}
