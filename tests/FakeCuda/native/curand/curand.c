/* The provider links to cuRAND and calls nothing of it. */
typedef int fakecuda_nothing;
