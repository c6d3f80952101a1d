"""Where the numbers of the market feed come from: a stated model, or a provider."""
