/** Where one could live in California: city halls, whose addresses are public. */
export const addresses = [
  '200 N Spring St, Los Angeles, CA 90012',
  '1 Dr Carlton B Goodlett Pl, San Francisco, CA 94102',
  '915 I St, Sacramento, CA 95814',
  '200 E Santa Clara St, San Jose, CA 95113',
  '202 C St, San Diego, CA 92101',
  '1 Frank H Ogawa Plaza, Oakland, CA 94612',
  '2600 Fresno St, Fresno, CA 93721',
  '411 W Ocean Blvd, Long Beach, CA 90802',
];
